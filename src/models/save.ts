import { checkOptions, errorAt, NacreError, unknownName, wrongKind } from "../error.js";
import type { Model } from "./model.js";

const FORMATS = ["nacre", "keras", "safetensors"] as const;

/** Kinds of files that hold a whole model, or its weights alone. */
export type ModelFormat = (typeof FORMATS)[number];

/** Options of `toBytes`. */
export interface BytesOptions {
  /** `"nacre"`, `"keras"` for a file that Keras 3 opens, or `"safetensors"` for the weights alone. Default `"nacre"`. */
  readonly format?: ModelFormat;
}

/** A whole model as the bytes of a file. */
export async function modelBytes(model: Model, options: BytesOptions = {}): Promise<Uint8Array> {
  checkOptions("toBytes", options, ["format"]);
  const { format = "nacre" } = options;
  if (!FORMATS.includes(format)) throw unknownName("toBytes", "format", format, FORMATS);
  if (format === "keras") {
    const { packKeras } = await import("./interop/packKeras.js");
    return packKeras(model);
  }
  if (format === "safetensors") {
    const { weightsBytes } = await import("./storedWeights.js");
    return weightsBytes(model);
  }
  const { packModel } = await import("./pack.js");
  return packModel(model);
}

/** Writes a whole model to a file, of the kind that its name ends with. */
export async function saveModel(model: Model, path: string): Promise<void> {
  if (typeof path !== "string") throw wrongKind("save", "a path", path);
  if (/\.h(df)?5$/i.test(path)) throw otherFormat(path, "HDF5, in which Keras kept models before version 3", `save("${path.replace(/\.h(df)?5$/i, ".keras")}"), which Keras 3 opens`);
  if (/\.safetensors$/i.test(path)) throw otherFormat(path, "safetensors, which holds weights and no model", `saveWeights("${path}")`);
  if (/\.onnx$/i.test(path)) throw otherFormat(path, "ONNX, from which training cannot go on", `export("${path}")`);
  let bytes: Uint8Array;
  try {
    bytes = await modelBytes(model, { format: /\.keras$/i.test(path) ? "keras" : "nacre" });
  } catch (error) {
    throw error instanceof NacreError ? errorAt(`${path}: ${error.where}`, error) : error;
  }
  const { writeFileAtomic } = await import("../files/disk.js");
  await writeFileAtomic(path, bytes);
}

/** Writes a model's weights to a file: of safetensors, or of Keras 3 where its name ends in `.weights.h5`. */
export async function saveModelWeights(model: Model, path: string): Promise<void> {
  if (typeof path !== "string") throw wrongKind("saveWeights", "a path", path);
  const bytes = /\.h5$/i.test(path) ? await kerasWeights(model) : await modelBytes(model, { format: "safetensors" });
  const { writeFileAtomic } = await import("../files/disk.js");
  await writeFileAtomic(path, bytes);
}

async function kerasWeights(model: Model): Promise<Uint8Array> {
  model.initialize();
  const { weightsFile } = await import("./interop/packKeras.js");
  return weightsFile(model);
}

function otherFormat(path: string, format: string, fix: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `save ${path}`,
    expected: "a name that ends in .nacre or .keras",
    received: `one of ${format}`,
    fix,
  });
}
