import { NacreError, checkOptions, isRecord, kindOf, wrongKind } from "../error.js";
import { type ArrayData, Dataset, fromArrays, type LabelData } from "../data/index.js";
import { isFloat } from "../tensor/dtype.js";

/** Data as arrays: one for each input, and one for each output. */
export interface ArraySet {
  readonly x: ArrayData | Readonly<Record<string, ArrayData>>;
  readonly y: LabelData | Readonly<Record<string, LabelData>>;
  readonly sampleWeight?: ArrayData;
}

/** The dataset itself, or one of the arrays. @throws BAD_ARGUMENT when it is neither */
export function toDataset(where: string, data: Dataset | ArraySet, inputNames: readonly string[]): Dataset {
  if (data instanceof Dataset) return data;
  const given: unknown = data;
  if (!isRecord(given) || given["x"] === undefined) {
    const x = inputNames.length > 1 ? byName(inputNames) : "…";
    throw wrongKind(where, "a dataset, or arrays as { x, y }", given, `pass both as one argument: { x: ${x}, y: … }`);
  }
  checkOptions(`${where} data`, data, ["x", "y", "sampleWeight"]);
  const { x, y, sampleWeight } = data;
  requireNamed(`${where} data x`, x, inputNames);
  return fromArrays({ inputs: x, labels: y, ...(sampleWeight === undefined ? {} : { sampleWeight }) });
}

/** Refuses one array, or a list of arrays, where a model has several inputs. */
export function requireNamed(where: string, data: unknown, inputNames: readonly string[]): void {
  if (inputNames.length < 2 || isRecord(data)) return;
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: `an object with an array for each of the inputs ${inputNames.join(", ")}`,
    received: kindOf(data),
    fix: `pass ${byName(inputNames)}`,
  });
}

function byName(names: readonly string[]): string {
  return `{ ${names.map((name) => `${/^\w+$/.test(name) ? name : JSON.stringify(name)}: …`).join(", ")} }`;
}

/** Data to train on and data to validate on; a share is a seeded draw, stratified where labels are classes. */
export async function splitValidation(
  data: Dataset,
  validation: number | Dataset | ArraySet | undefined,
  options: { readonly seed: number; readonly classifies: boolean; readonly inputNames: readonly string[] },
): Promise<{ train: Dataset; validation: Dataset | undefined }> {
  if (typeof validation !== "number") {
    return { train: data, validation: validation === undefined ? undefined : toDataset("fit validation", validation, options.inputNames) };
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
