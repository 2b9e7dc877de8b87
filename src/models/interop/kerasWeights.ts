import { NacreError } from "../../error.js";
import type { Hdf5Dataset } from "../../files/hdf5/dataset.js";
import type { Group } from "./kerasGroups.js";

/** The arrays of a file by their group, under their numbers. */
export type StoredGroups = ReadonlyMap<string, readonly (Hdf5Dataset | undefined)[]>;

/** What early files of Keras 3 call the group of a model's layers. */
const EARLY_LAYERS = "_layer_checkpoint_dependencies";

/**
 * Gives the variables of a model the values of its `model.weights.h5`, where a layer's group is
 * known by its class and how many of the class are before it: `layers/dense_2`.
 *
 * @throws BAD_FILE when values are missing or have other shapes
 */
export function assignKerasWeights(groups: readonly Group[], stored: StoredGroups): void {
  for (const { paths, layer, variables } of groups) {
    if (variables.length === 0) continue;
    const values = paths.map((path) => stored.get(path)).find((found) => found !== undefined) ?? [];
    if (values.length !== variables.length || variables.some(({ shape }, i) => shape.join() !== values[i]?.shape.join())) {
      throw new NacreError({
        code: "BAD_FILE",
        where: `model.weights.h5, ${layer.where}`,
        expected: `weights ${shapes(variables)}`,
        received: shapes(values),
        fix: "the weights are those of another model; save it again",
      });
    }
    variables.forEach((variable, i) => variable.assign(values[i]!.data));
  }
}

function shapes(list: readonly ({ readonly shape: readonly number[] } | undefined)[]): string {
  return Array.from(list, (item) => (item === undefined ? "a gap" : `[${item.shape.join(", ")}]`)).join(", ") || "none";
}

/** The groups of a file; arrays lie in `vars` of each, under their numbers. */
export function storedGroups(arrays: ReadonlyMap<string, Hdf5Dataset>): StoredGroups {
  const groups = new Map<string, (Hdf5Dataset | undefined)[]>();
  for (const [path, array] of arrays) {
    const segments = path.split("/");
    const [vars, number] = segments.splice(-2);
    const place = Number(number);
    if (vars !== "vars" || !Number.isInteger(place) || place < 0 || place >= arrays.size) continue;
    const group = segments.map((name) => (name === EARLY_LAYERS ? "layers" : name)).join("/");
    const list = groups.get(group) ?? [];
    list[place] = array;
    groups.set(group, list);
  }
  return groups;
}
