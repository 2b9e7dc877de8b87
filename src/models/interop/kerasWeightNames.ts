import { readHdf5 } from "../../files/hdf5/read.js";
import type { StoredTensor } from "../../files/safetensors.js";
import { dtypeOfArray } from "../../tensor/dtype.js";
import type { Model } from "../model.js";
import { groupsOf } from "./kerasGroups.js";
import { storedGroups } from "./kerasWeights.js";
import { membersOfModel } from "./toKerasModel.js";

/**
 * The arrays of a `model.weights.h5`, which knows them by class and place, such as
 * `layers/dense_2/vars/0`: those that the model has by its paths, the others by their own.
 */
export function namedWeights(model: Model, bytes: Uint8Array): ReadonlyMap<string, StoredTensor> {
  const stored = storedGroups(readHdf5(bytes));
  const named = new Map<string, StoredTensor>();
  const known = new Map(groupsOf(model, membersOfModel).flatMap(({ paths, variables }) => paths.map((path) => [path, variables] as const)));
  for (const [path, arrays] of stored) {
    if (path === "optimizer") continue;
    const variables = known.get(path) ?? [];
    arrays.forEach((array, i) => {
      const variable = variables[i];
      if (array === undefined) return;
      // HDF5 arrays come as floats, whatever the file's numbers are.
      const dtype = variable?.dtype ?? dtypeOfArray(array.data);
      named.set(variable === undefined ? `${path}/vars/${i}` : model.pathOf(variable), { ...array, dtype });
    });
  }
  return named;
}
