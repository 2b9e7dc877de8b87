import { checkOptions, errorAt, NacreError, unknownName } from "../error.js";
import type { Model } from "./model.js";

const FORMATS = ["nacre", "keras"] as const;

/** Kinds of files that hold a whole model. */
export type ModelFormat = (typeof FORMATS)[number];

/** Options of `toBytes`. */
export interface BytesOptions {
  /** `"nacre"`, or `"keras"` for a file that Keras 3 opens. Default `"nacre"`. */
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
  const { packModel } = await import("./pack.js");
  return packModel(model);
}

/** Writes a whole model to a file, of the kind that its name ends with. */
export async function saveModel(model: Model, path: string): Promise<void> {
  if (/\.h(df)?5$/i.test(path)) throw notWritten(path);
  let bytes: Uint8Array;
  try {
    bytes = await modelBytes(model, { format: /\.keras$/i.test(path) ? "keras" : "nacre" });
  } catch (error) {
    throw error instanceof NacreError ? errorAt(`${path}: ${error.where}`, error) : error;
  }
  const { writeFileAtomic } = await import("../files/disk.js");
  await writeFileAtomic(path, bytes);
}

function notWritten(path: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `save ${path}`,
    expected: "a name that ends in .nacre or .keras",
    received: "one of HDF5, in which Keras kept models before version 3",
    fix: `save("${path.replace(/\.h(df)?5$/i, ".keras")}"), which Keras 3 opens`,
  });
}
