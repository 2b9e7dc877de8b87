import { NacreError } from "../error.js";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../files/safetensors.js";
import { zipNames } from "../files/zip.js";
import type { Variable } from "../layers/variable.js";
import type { Model } from "./model.js";

/** How files begin: zip archives, and those of HDF5. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const HDF5 = [0x89, 0x48, 0x44, 0x46];

const KERAS_WEIGHTS = "model.weights.h5";

/**
 * The weights in the bytes of a file of safetensors, a `.nacre` or `.keras` file, or a `.weights.h5`
 * file of Keras 3. The last two know them by place: those that the model has get its paths.
 */
export async function storedWeights(model: Model, bytes: Uint8Array): Promise<ReadonlyMap<string, StoredTensor>> {
  if (begins(bytes, HDF5)) return (await import("./interop/kerasWeightNames.js")).namedWeights(model, bytes);
  if (!begins(bytes, ZIP)) return decodeSafetensors(bytes).tensors;
  if (zipNames(bytes).includes(KERAS_WEIGHTS)) {
    const { kerasWeightsEntry } = await import("./interop/kerasArchive.js");
    return (await import("./interop/kerasWeightNames.js")).namedWeights(model, kerasWeightsEntry(bytes));
  }
  const { unpackCheckpoint } = await import("../files/checkpoint.js");
  const weights = unpackCheckpoint(bytes)["weights.safetensors"];
  if (weights !== undefined) return decodeSafetensors(weights).tensors;
  throw new NacreError({ code: "BAD_FILE", where: ".nacre file", expected: "a model, with its weights", received: "a file without any", fix: "take another file" });
}

/** A model's weights by their paths, as the bytes of a safetensors file. */
export async function weightsBytes(model: Model): Promise<Uint8Array> {
  model.initialize();
  return encodeSafetensors(await weightTensors(model, model.variables), { format: "nacre" });
}

/** Variables of a model by their paths. */
export async function weightTensors(model: Model, variables: readonly Variable[]): Promise<Map<string, StoredTensor>> {
  const reads = variables.map(
    async (variable) =>
      [model.pathOf(variable), { dtype: variable.dtype, shape: variable.shape, data: await variable.read() }] as const,
  );
  return new Map(await Promise.all(reads));
}

function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}
