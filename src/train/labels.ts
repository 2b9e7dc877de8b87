import { NacreError } from "../error.js";
import type { Column } from "../data/column.js";
import type { Loss } from "../losses/index.js";
import { type Shape, formatShape } from "../tensor/shape.js";

const SPARSE = "SparseCategoricalCrossentropy";

/** Refuses class indices without an output of their own, which engines would read past the end for. */
export function checkLabels(label: Column, loss: Loss, output: Shape, name: string): void {
  if (loss.className !== SPARSE) return;
  const classes = output.at(Number(loss.config["axis"] ?? -1));
  const ignored = loss.config["ignoreClass"];
  if (typeof classes !== "number") return;
  const { data, shape } = label;
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if ((value >= 0 && value < classes && Number.isInteger(value)) || value === ignored) continue;
    throw new NacreError({
      code: "LABEL_RANGE",
      where: `label "${name}", row ${Math.floor(i / (data.length / shape[0]!))} of the batch`,
      expected: `a whole number from 0 to ${classes - 1}, for ${classes} outputs`,
      received: String(value),
      fix: "number the classes from 0, and give the last layer one unit for each",
    });
  }
}

/** The class of each row: its label, or the largest place of a one-hot one. */
export function classOfRows(label: Column | undefined, loss: Loss | undefined, rows: number): number[] {
  const width = (label?.data.length ?? 0) / rows;
  const oneHot = label?.shape.length === 2 && width > 1 && loss?.className !== SPARSE;
  if (label === undefined || (width !== 1 && !oneHot)) throw noClasses(label?.shape ?? []);
  return Array.from({ length: rows }, (_, i) => (oneHot ? argMaxOf(label.data, i * width, width) : Number(label.data[i])));
}

function argMaxOf(data: Column["data"], offset: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (data[offset + i]! > data[offset + best]!) best = i;
  return best;
}

function noClasses(shape: readonly number[]): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "fit classWeight",
    expected: "class labels, one per row",
    received: `labels of shape ${formatShape(shape)}`,
    fix: "use sample weights instead",
  });
}
