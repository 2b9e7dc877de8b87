import { fromBytes } from "./archive.js";
import { errorAt, NacreError, checkOptions } from "../error.js";
import type { Model } from "./model.js";

/** Options of {@link load}. */
export interface LoadOptions {
  /** Whether a model of Keras is compiled as it was there. Default true. */
  readonly compile?: boolean;
}

/**
 * Reads a model that `save` wrote: architecture, weights, optimizer, and where training stands. Or
 * one of Keras 3, a `.keras` file; its optimizer starts anew.
 *
 * @throws FILE_ACCESS when the file cannot be read
 * @throws BAD_FILE when it is cut short, changed or no such file
 * @throws NEWER_VERSION when a newer Nacre wrote it
 * @throws UNSUPPORTED when a model of Keras holds a layer that is not built here, or Python code
 * @example
 * const model = await load("digits.nacre");
 * await model.fit(train, { epochs: 20, resume: true });
 */
export async function load(path: string, options: LoadOptions = {}): Promise<Model> {
  checkOptions("load", options, ["compile"]);
  const { readFileBytes } = await import("../files/disk.js");
  const bytes = await readFileBytes(path);
  try {
    return await modelIn(bytes, options);
  } catch (error) {
    throw error instanceof NacreError ? errorAt(`${path}: ${error.where}`, error) : error;
  }
}

async function modelIn(bytes: Uint8Array, options: LoadOptions): Promise<Model> {
  const { fromKerasBytes, isKerasFile } = await import("./interop/kerasArchive.js");
  if (isKerasFile(bytes)) return fromKerasBytes(bytes, options);
  try {
    return fromBytes(bytes);
  } catch (error) {
    // Imported graphs are a kind of layer that few need, so it is not there from the start.
    if (!(error instanceof NacreError && error.code === "UNKNOWN_NAME" && error.received === '"OnnxGraph"')) throw error;
    await import("./interop/onnxLayer.js");
    return fromBytes(bytes);
  }
}
