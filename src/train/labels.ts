import { isRecord, NacreError, wrongKind } from "../error.js";
import type { Column } from "../data/column.js";
import type { Loss } from "../losses/index.js";
import { type Shape, formatShape } from "../tensor/shape.js";

const SPARSE = "SparseCategoricalCrossentropy";
const BINARY: readonly string[] = ["BinaryCrossentropy", "BinaryFocalCrossentropy"];

/** So many targets of a batch are looked at, evenly spread: in a larger one, as of an autoencoder, a wrong scale shows anyway. */
const MOST_SHARES = 4096;

/** Refuses class indices without an output of their own, which engines would read past the end for. */
export function checkLabels(label: Column, loss: Loss, output: Shape, name: string, place: (at: number) => string): void {
  if (BINARY.includes(loss.className)) return checkShares(label, name, place);
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
      where: `label "${name}", ${place(Math.floor(i / (data.length / shape[0]!)))}`,
      expected: `a whole number from 0 to ${classes - 1}, for ${classes} outputs`,
      received: String(value),
      fix:
        classes === 1
          ? 'for two classes take binaryCrossentropy with layers.dense({ units: 1, activation: "sigmoid" }), for more give the last layer one unit for each'
          : "number the classes from 0, and give the last layer one unit for each",
    });
  }
}

/** Refuses targets that no probability can reach, with which the loss would fall without end. */
function checkShares({ data, shape }: Column, name: string, place: (at: number) => string): void {
  const step = Math.ceil(data.length / MOST_SHARES);
  let at = 0;
  while (at < data.length && !(data[at]! < 0 || data[at]! > 1)) at += step;
  if (at >= data.length) return;
  throw new NacreError({
    code: "LABEL_RANGE",
    where: `label "${name}", ${place(Math.floor(at / (data.length / shape[0]!)))}`,
    expected: "a number from 0 to 1, as binary losses compare probabilities",
    received: String(data[at]),
    fix: "number two classes 0 and 1, scale measured values to 0 … 1, or take sparseCategoricalCrossentropy for more classes",
  });
}

/** Refuses sample weights below 0, and those that are no finite number. */
export function checkWeights({ data, shape }: Column, place: (at: number) => string): void {
  const at = data.findIndex((weight: number | bigint) => !isWeight(Number(weight)));
  if (at < 0) return;
  throw new NacreError({
    code: "BAD_DATA",
    where: `sample weight, ${place(Math.floor(at / (data.length / shape[0]!)))}`,
    expected: "a number of at least 0",
    received: String(data[at]),
    fix: "0 leaves a row out of the loss",
  });
}

/** Refuses class weights below 0, and those of classes that an output does not have. */
export function checkClassWeight(weights: Readonly<Record<number, number>>, loss: Loss | undefined, output: Shape): void {
  if (!isRecord(weights)) throw wrongKind("fit classWeight", "weights by the classes' numbers", weights, "as in { 0: 1, 1: 5 }");
  const wide = output.at(loss?.className === SPARSE ? Number(loss.config["axis"] ?? -1) : -1);
  const classes = typeof wide !== "number" || loss?.className.endsWith("Crossentropy") !== true ? Infinity : wide === 1 ? 2 : wide;
  for (const [id, weight] of Object.entries(weights)) {
    const known = Number.isInteger(Number(id)) && (classes === Infinity || (Number(id) >= 0 && Number(id) < classes));
    if (known && isWeight(weight)) continue;
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: "fit classWeight",
      expected: known ? "weights of at least 0" : classes === Infinity ? "numbers of classes" : `classes from 0 to ${classes - 1}`,
      received: known ? `${weight} for class ${id}` : `class ${id}`,
      fix: "as in classWeight: { 0: 1, 1: 5 }, by the classes' numbers",
    });
  }
}

function isWeight(weight: number): boolean {
  return weight >= 0 && weight < Infinity;
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
