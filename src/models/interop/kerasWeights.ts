import { NacreError } from "../../error.js";
import type { Hdf5Dataset } from "../../files/hdf5/dataset.js";
import { Layer } from "../../layers/layer.js";
import type { KerasModel } from "./kerasModel.js";

/**
 * What layers hold their parts under, in the order in which Keras counts the parts' weights, with
 * the option that holds the part where it is a layer of its own.
 */
const PARTS: readonly (readonly [group: string, option?: string])[] = [
  ["cell", "cell"],
  ["query_dense"],
  ["_query_dense"],
  ["key_dense"],
  ["_key_dense"],
  ["_gate_dense"],
  ["value_dense"],
  ["_value_dense"],
  ["output_dense"],
  ["_output_dense"],
  ["forward_layer", "layer"],
  ["backward_layer", "backwardLayer"],
  ["layer", "layer"],
];

/** An array, or undefined for a number that the file leaves out. */
type Values = Hdf5Dataset | undefined;

type Arrays = ReadonlyMap<string, Hdf5Dataset>;

/** A group of the file: the groups below it, and its arrays by number. */
class Group {
  readonly groups = new Map<string, Group>();
  readonly arrays: Values[] = [];
}

/**
 * Gives the variables of a model the values of its `model.weights.h5`, where a layer's group is
 * known by its class and how many of the class are before it: `layers/dense_2`.
 *
 * @throws BAD_FILE when values are missing or have other shapes
 */
export function assignKerasWeights({ model, members }: KerasModel, arrays: Arrays): void {
  const done = new Set<Layer>();
  const fill = (layer: Layer, group: Group | undefined): void => {
    // What belongs to two models is stored with the first.
    if (done.has(layer)) return;
    const list = members.get(layer);
    const wrapped = (layer.config as { readonly layer?: unknown }).layer;
    if (list !== undefined) {
      const counts = new Map<string, number>();
      for (const member of list) {
        const name = groupName(member.className, counts);
        if (member.layer !== undefined) fill(member.layer, group?.groups.get("layers")?.groups.get(name));
      }
    } else if (wrapped instanceof Layer && members.has(wrapped)) {
      fill(wrapped, group?.groups.get("layer"));
    } else if (layer.variables.length > 0) {
      assign(layer, group === undefined ? [] : ordered(layer, group));
    }
    done.add(layer);
  };
  fill(model, treeOf(arrays));
}

function assign(layer: Layer, values: readonly Values[]): void {
  const { variables } = layer;
  const shapes = (list: readonly ({ readonly shape: readonly number[] } | undefined)[]): string =>
    Array.from(list, (item) => (item === undefined ? "a gap" : `[${item.shape.join(", ")}]`)).join(", ") || "none";
  if (variables.length !== values.length || variables.some(({ shape }, i) => shape.join() !== values[i]?.shape.join())) {
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

/** A layer's arrays in the order of its variables: its own, then those of its parts. */
function ordered(layer: Layer, group: Group): Values[] {
  const config = layer.config as Readonly<Record<string, unknown>>;
  const counts = new Map<string, number>();
  const cells = Array.isArray(config["cells"]) ? (config["cells"] as Layer[]) : [];
  const parts = cells.flatMap((cell): Values[] => {
    const part = group.groups.get("cells")?.groups.get(groupName(cell.className, counts));
    return part === undefined ? [] : ordered(cell, part);
  });
  for (const [name, option] of PARTS) {
    const part = group.groups.get(name);
    const inside = option === undefined ? undefined : config[option];
    if (part !== undefined) parts.push(...(inside instanceof Layer ? ordered(inside, part) : part.arrays));
  }
  const own = group.arrays;
  // It stores the kernel of the layer inside a second time, as its own first.
  if (layer.className === "SpectralNormalization") return [...own.slice(1), ...parts];
  return [...own, ...parts];
}

/** `dense`, `dense_1`, …: a class in snake_case, and how many of it came before. */
function groupName(className: string, counts: Map<string, number>): string {
  const name = className
    .replace(/\W+/g, "")
    .replaceAll(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
  const count = counts.get(name) ?? 0;
  counts.set(name, count + 1);
  return count === 0 ? name : `${name}_${count}`;
}

/** The groups of the file; arrays lie in `vars` of each, under their numbers. */
function treeOf(arrays: Arrays): Group {
  const root = new Group();
  for (const [path, array] of arrays) {
    const segments = path.split("/");
    const [vars, number] = segments.splice(-2);
    const place = Number(number);
    if (vars !== "vars" || !Number.isInteger(place) || place < 0 || place >= arrays.size) continue;
    let group = root;
    for (const name of segments) {
      const below = group.groups.get(name) ?? new Group();
      group.groups.set(name, below);
      group = below;
    }
    group.arrays[place] = array;
  }
  return root;
}
