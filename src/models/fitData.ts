import { checkOptions } from "../error.js";
import { type ArrayData, Dataset, fromArrays, type LabelData } from "../data/index.js";

/** Data as arrays: one for each input, and one for each output. */
export interface ArraySet {
  readonly x: ArrayData | Readonly<Record<string, ArrayData>>;
  readonly y: LabelData | Readonly<Record<string, LabelData>>;
  readonly sampleWeight?: ArrayData;
}

/** The dataset itself, or one of the arrays. */
export function toDataset(data: Dataset | ArraySet): Dataset {
  if (data instanceof Dataset) return data;
  checkOptions("fit data", data, ["x", "y", "sampleWeight"]);
  const { x, y, sampleWeight } = data;
  return fromArrays({ inputs: x, labels: y, ...(sampleWeight === undefined ? {} : { sampleWeight }) });
}

/** Data to train on and data to validate on; a share is a seeded draw, stratified where labels are classes. */
export async function splitValidation(
  data: Dataset,
  validation: number | Dataset | ArraySet | undefined,
  seed: number,
): Promise<{ train: Dataset; validation: Dataset | undefined }> {
  if (typeof validation !== "number") {
    return { train: data, validation: validation && toDataset(validation) };
  }
  const label = data.labels.length === 1 ? data.columns[data.labels[0]!] : undefined;
  const stratify = label !== undefined && label.shape.length === 0 && label.dtype === "int32";
  const { train, test } = await data.split({ test: validation, stratify, seed });
  return { train, validation: test };
}
