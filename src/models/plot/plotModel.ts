import { checkOptions } from "../../error.js";
import { badOption } from "../../options.js";
import { nodesIn } from "../graphItems.js";
import type { Network } from "../network.js";
import { formatCount, formatMetric } from "../summary.js";
import { drawPicture } from "./draw.js";
import { type Direction, pictureOf } from "./picture.js";

/** Options of `model.toSvg` and `model.plot`. */
export interface PlotOptions {
  /** From top to bottom or from left to right. Default TB. */
  readonly direction?: Direction;
  /** Whether models among the layers show what is inside them. Default false. */
  readonly expandNested?: boolean;
  /** What the picture is called for those who do not see it. Default: the model's name. */
  readonly title?: string;
}

/** A model as an SVG document: a box for each use of a layer, edges for the values between them. */
export async function plotModel(model: Network, options: PlotOptions): Promise<string> {
  checkOptions("plot", options, ["direction", "expandNested", "title"]);
  const { direction = "TB", expandNested = false, title = model.name } = options;
  if (direction !== "TB" && direction !== "LR") throw badOption("plot", "direction", '"TB" or "LR"', direction);
  const picture = pictureOf(model, { direction, expandNested, nodesOf: await nodesIn(model) });
  const multiplyAdds = picture.parts.reduce((sum, { row }) => sum + row.multiplyAdds, 0);
  const description = `${formatCount(model.layers.length)} layers, ${formatCount(model.parameterCount)} parameters, ${formatMetric(multiplyAdds)} multiply-adds`;
  return drawPicture(picture, { title, description }, direction);
}
