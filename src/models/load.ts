import { errorAt, NacreError, checkOptions, wrongKind } from "../error.js";
import type { KerasLookup } from "./interop/kerasLookups.js";
import type { Model } from "./model.js";

/** Options of {@link load} and {@link fromBytes}. */
export interface LoadOptions {
  /** Whether a model of Keras is compiled as it was there. Default true. */
  readonly compile?: boolean;
  /** Shapes of one sample by input, for a model of Keras whose layers must know sizes that the file leaves free. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /**
   * Told of what a model of Keras does to words or tokens at an input, as a lookup of `nacre/text`:
   * the model that is loaded begins behind it. Without it such a model is refused.
   */
  readonly onLookup?: (input: string, lookup: KerasLookup) => void;
}

const LOAD_OPTIONS = ["compile", "inputShapes", "onLookup"];

/**
 * Reads a model that `save` wrote: architecture, weights, optimizer, and where training stands. Or
 * one of Keras 3, a `.keras` file, in float32 whatever its precision. In browsers the path is one of the
 * site's own file system.
 *
 * @throws FILE_ACCESS when the file cannot be read
 * @throws BAD_FILE when it is cut short, changed or no such file
 * @throws NEWER_VERSION when a newer Nacre wrote it
 * @throws UNKNOWN_NAME when it holds a layer that is not defined here
 * @throws UNSUPPORTED when a model of Keras holds a layer that is not built here, or Python code
 * @example
 * const model = await load("digits.nacre");
 * await model.fit(train, { epochs: 20, resume: true });
 */
export async function load(path: string, options: LoadOptions = {}): Promise<Model> {
  checkOptions("load", options, LOAD_OPTIONS);
  if (typeof path !== "string" && !((path as unknown) instanceof URL)) throw wrongKind("load", "a path", path, "fromBytes(bytes) for the bytes of a file");
  const { readFileBytes } = await import("../files/disk.js");
  const bytes = await readFileBytes(path);
  try {
    return await fromBytes(bytes, options);
  } catch (error) {
    throw error instanceof NacreError ? errorAt(`${path}: ${error.where}`, error) : error;
  }
}

/**
 * The model in the bytes of a `.nacre` or `.keras` file, told apart by their contents, as {@link load} gives it.
 *
 * @throws BAD_FILE when the bytes are cut short, changed or no such file
 * @throws NEWER_VERSION when a newer Nacre wrote them
 * @throws UNKNOWN_NAME when they hold a layer that is not defined here
 * @throws UNSUPPORTED when a model of Keras holds a layer that is not built here, or Python code
 * @example
 * const copy = await fromBytes(await sequential([layers.input([4]), layers.dense({ units: 2 })]).toBytes());
 * console.log(copy.parameterCount); // 10
 */
export async function fromBytes(bytes: Uint8Array, options: LoadOptions = {}): Promise<Model> {
  checkOptions("fromBytes", options, LOAD_OPTIONS);
  if (!ArrayBuffer.isView(bytes)) throw wrongKind("fromBytes", "a Uint8Array", bytes, "new Uint8Array(buffer) of an ArrayBuffer, load(path) for the name of a file");
  const { openModel } = await import("./open.js");
  return openModel(bytes, options);
}
