import { zipNames } from "../files/zip.js";
import { modelFromArchive } from "./archive.js";
import type { LoadOptions } from "./load.js";
import type { Model } from "./model.js";

/** What every file of Keras 3 holds, and none of ours. */
const KERAS_ENTRY = "config.json";

/** The model in the bytes of a file, of whichever kind its contents are. */
export async function openModel(bytes: Uint8Array, options: LoadOptions): Promise<Model> {
  if (!zipNames(bytes).includes(KERAS_ENTRY)) return modelFromArchive(bytes);
  const { fromKerasBytes } = await import("./interop/kerasArchive.js");
  return fromKerasBytes(bytes, options);
}
