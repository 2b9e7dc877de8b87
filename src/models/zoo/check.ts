import { badOption } from "../../options.js";

/** Refuses what is no list of whole numbers of at least 1. */
export function checkSizes(where: string, option: string, sizes: readonly number[]): void {
  const fits = Array.isArray(sizes) && sizes.every((size) => Number.isInteger(size) && size >= 1);
  if (!fits) throw badOption(where, option, "a list of whole numbers of at least 1", sizes);
}

/** Refuses the shape of images that cannot be halved so often, or are none. */
export function checkImages(where: string, inputShape: readonly number[], halvings: number): void {
  checkSizes(where, "inputShape", inputShape);
  const factor = 2 ** halvings;
  const fits = inputShape.length === 3 && inputShape.slice(0, 2).every((size) => size % factor === 0);
  if (!fits) throw badOption(where, "inputShape", `height and width as multiples of ${factor}, and channels`, inputShape);
}

/** Refuses features that heads cannot share evenly. */
export function checkHeads(where: string, hiddenDim: number, numHeads: number): void {
  if (hiddenDim % numHeads !== 0) throw badOption(where, "hiddenDim", `a multiple of the ${numHeads} heads`, hiddenDim);
}
