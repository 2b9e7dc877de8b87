import { checkOptions, errorAt, NacreError, nearestName, wrongKind } from "../error.js";
import type { StoredTensor } from "../files/safetensors.js";
import type { Variable } from "../layers/variable.js";
import type { DType } from "../tensor/dtype.js";
import { matcher, noMatch, type PathPattern } from "../train/pattern.js";
import type { Model } from "./model.js";

/** Options of `loadWeights`. */
export interface LoadWeightsOptions {
  /** Which of the model's weights to load, by their paths, such as `"body/**"`. Default all. */
  readonly match?: PathPattern;
  /** The path in the model of what the file calls `name`; null leaves it away. Default: the same. */
  readonly rename?: (name: string) => string | null;
  /** Whether file and model must agree; false loads what fits and reports the rest. Default true. */
  readonly strict?: boolean;
}

/** What became of the weights of a file. All names are paths in the model, such as `body/dense/kernel`. */
export interface WeightsReport {
  readonly loaded: readonly string[];
  /** In the model, and not in the file. */
  readonly missing: readonly string[];
  /** In the file, and not in the model. */
  readonly unexpected: readonly string[];
  /** In both, with other shapes or kinds of numbers. */
  readonly mismatched: readonly { readonly name: string; readonly expected: string; readonly received: string }[];
}

const FLOATS: readonly DType[] = ["float32", "float64"];

/** How many names a message tells of each kind. */
const TOLD = 5;

/** Gives a model the weights in a file, or in its bytes. Where that fails, all stay as they were. */
export async function loadModelWeights(model: Model, source: string | Uint8Array, options: LoadWeightsOptions): Promise<WeightsReport> {
  const where = `${model.where}.loadWeights`;
  checkOptions(where, options, ["match", "rename", "strict"]);
  if (typeof source !== "string" && !(source instanceof Uint8Array)) throw wrongKind(where, "a path, or a Uint8Array", source);
  const { match, rename = (name: string) => name, strict = true } = options;
  if (typeof rename !== "function") throw wrongKind(`${where}, option rename`, "a function from names in the file to paths in the model", rename);
  if (typeof strict !== "boolean") throw wrongKind(`${where}, option strict`, "true or false", strict);
  const isMeant = match === undefined ? (): boolean => true : matcher(`${where}, option match`, match);
  const wanted = new Map(model.variables.map((variable) => [model.pathOf(variable), variable] as const).filter(([path]) => isMeant(path)));
  if (wanted.size === 0) throw noneMeant(where, String(match), model.variables.map((variable) => model.pathOf(variable)));
  const place = typeof source === "string" ? `${where}, ${source}` : where;
  const stored = renamed(place, await readStored(model, source, place), rename);
  const fitting: [Variable, StoredTensor][] = [];
  const mismatched: WeightsReport["mismatched"][number][] = [];
  for (const [name, variable] of wanted) {
    const tensor = stored.get(name);
    if (tensor === undefined) continue;
    if (fits(variable, tensor)) fitting.push([variable, tensor]);
    else mismatched.push({ name, expected: kindOf(variable), received: kindOf(tensor) });
  }
  const missing = [...wanted.keys()].filter((name) => !stored.has(name));
  const unexpected = [...stored.keys()].filter((name) => !wanted.has(name) && isMeant(name));
  if (strict && missing.length + unexpected.length + mismatched.length > 0) throw notAlike(place, { missing, unexpected, mismatched });
  for (const [variable, { data }] of fitting) variable.assign(data as ArrayLike<number>);
  return { loaded: fitting.map(([variable]) => model.pathOf(variable)), missing, unexpected, mismatched };
}

async function readStored(model: Model, source: string | Uint8Array, place: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const { storedWeights } = await import("./storedWeights.js");
  if (typeof source !== "string") return storedWeights(model, source);
  const { readFileBytes } = await import("../files/disk.js");
  const bytes = await readFileBytes(source);
  try {
    return await storedWeights(model, bytes);
  } catch (error) {
    throw error instanceof NacreError ? errorAt(`${place}: ${error.where}`, error) : error;
  }
}

function renamed(
  where: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  rename: NonNullable<LoadWeightsOptions["rename"]>,
): ReadonlyMap<string, StoredTensor> {
  const found = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const path = rename(name);
    if (path === null) continue;
    if (typeof path !== "string") throw wrongKind(`${where}, option rename`, `a path for ${name}, or null`, path);
    if (found.has(path)) {
      throw new NacreError({
        code: "BAD_ARGUMENT",
        where: `${where}, option rename`,
        expected: "a path of its own for each tensor",
        received: `"${path}" for ${name} as well as for another`,
        fix: "return null for what is to be left away",
      });
    }
    found.set(path, tensor);
  }
  return found;
}

/** Numbers of both widths are taken; whole numbers must be of the very kind. */
function fits({ dtype, shape }: Variable, tensor: StoredTensor): boolean {
  return shape.join() === tensor.shape.join() && (dtype === tensor.dtype || (FLOATS.includes(dtype) && FLOATS.includes(tensor.dtype)));
}

function kindOf({ dtype, shape }: { readonly dtype: DType; readonly shape: readonly number[] }): string {
  return `${dtype} [${shape.join(", ")}]`;
}

/** The error for a pattern without weights; it knows all that is in a layer by the layer's path. */
function noneMeant(where: string, pattern: string, paths: readonly string[]): NacreError {
  const layers = paths.flatMap((path) => path.split("/").slice(0, -1).map((_, i, steps) => `${steps.slice(0, i + 1).join("/")}/**`));
  const nearest = nearestName(pattern, [...new Set(layers), ...paths]);
  return noMatch(where, "weights", pattern, paths, nearest === undefined ? undefined : `did you mean "${nearest}"?`);
}

function notAlike(where: string, { missing, unexpected, mismatched }: Omit<WeightsReport, "loaded">): NacreError {
  const [first] = missing;
  const nearest = first === undefined ? undefined : nearestName(first, unexpected);
  const told = [
    ...(missing.length === 0 ? [] : [`none called ${some(missing)}`]),
    ...(unexpected.length === 0 ? [] : [`besides ${some(unexpected)}`]),
    ...mismatched.slice(0, TOLD).map(({ name, expected, received }) => `${name} of ${received} for ${expected}`),
  ];
  return new NacreError({
    code: mismatched.length > 0 ? "SHAPE_MISMATCH" : "UNKNOWN_NAME",
    where,
    expected: "a tensor of the same name and shape for each weight",
    received: told.join("; "),
    fix:
      nearest === undefined
        ? "strict: false loads what fits, match chooses weights"
        : `is "${nearest}" in the file "${first!}" in the model? Then give rename: (name) => …; strict: false loads what fits`,
  });
}

function some(names: readonly string[]): string {
  return names.length <= TOLD ? names.join(", ") : `${names.slice(0, TOLD).join(", ")} and ${names.length - TOLD} more`;
}
