import { NacreError } from "../error.js";
import { zipNames } from "../files/zip.js";
import { modelFromArchive } from "./archive.js";
import type { LoadOptions } from "./load.js";
import type { Model } from "./model.js";

/** What every file of Keras 3 holds, and none of ours. */
const KERAS_ENTRY = "config.json";

/** The model in the bytes of a file, of whichever kind its contents are. */
export async function openModel(bytes: Uint8Array, options: LoadOptions): Promise<Model> {
  const weights = weightsAlone(bytes);
  if (weights !== undefined) {
    throw new NacreError({
      code: "UNSUPPORTED",
      where: "load",
      expected: "a file that holds a whole model",
      received: weights,
      fix: "for weights, build the model and give it the file by model.loadWeights; a whole model in HDF5, save as .keras with Keras 3",
    });
  }
  if (!zipNames(bytes).includes(KERAS_ENTRY)) return modelFromArchive(bytes);
  const { fromKerasBytes } = await import("./interop/kerasArchive.js");
  return fromKerasBytes(bytes, options);
}

/** What a file of weights is: safetensors begin with the length of their JSON, HDF5 with its name. */
function weightsAlone(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0x89 && bytes[1] === 0x48 && bytes[2] === 0x44 && bytes[3] === 0x46) return "one of HDF5, which holds weights alone, or a model of Keras before version 3";
  return bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0 ? "one of safetensors, which holds weights alone" : undefined;
}
