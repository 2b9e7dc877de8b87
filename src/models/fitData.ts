import { NacreError, checkOptions } from "../error.js";
import { type ArrayData, Dataset, fromArrays, type LabelData } from "../data/index.js";
import { isFloat } from "../tensor/dtype.js";

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
  options: { readonly seed: number; readonly classifies: boolean },
): Promise<{ train: Dataset; validation: Dataset | undefined }> {
  if (typeof validation !== "number") {
    return { train: data, validation: validation && toDataset(validation) };
  }
  if (!(validation > 0 && validation < 1)) throw badShare(validation);
  if (!data.inMemory) throw streamed();
  const label = data.labels.length === 1 ? data.columns[data.labels[0]!] : undefined;
  // Whole numbers alone do not make classes: counts and years are measured values.
  const stratify = options.classifies && label?.shape.length === 0 && !isFloat(label.dtype);
  const { train, test } = await data.split({ test: validation, stratify, seed: options.seed });
  return { train, validation: test };
}

function badShare(share: number): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "fit validation",
    expected: "a share above 0 and below 1, a dataset, or arrays",
    received: String(share),
    fix: "0.1 sets a tenth of the rows aside; leave the option out for no validation",
  });
}

function streamed(): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "fit validation",
    expected: "a dataset of its own, as the rows of a stream cannot be drawn without reading all of it",
    received: "a share of a streamed dataset",
    fix: "pass validation: data.take(1000) and train on data.skip(1000), or read it into memory by await data.cache()",
  });
}
