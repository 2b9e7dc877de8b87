import { Layer } from "../../layers/layer.js";
import type { Variable } from "../../layers/variable.js";
import { Model } from "../model.js";

/** A layer as a model of Keras lists it: its weights are found by class and place in the list. */
export interface Member {
  readonly className: string;
  /** Undefined for inputs. */
  readonly layer: Layer | undefined;
}

/** What each model lists, in Keras's order. */
export type MembersOf = (model: Model) => readonly Member[];

/** A group of `model.weights.h5`, and the variables whose values lie in it under their numbers. */
export interface Group {
  /** Where it lies, such as `layers/dense_2`; what older files call it follows. */
  readonly paths: readonly [string, ...string[]];
  /** What Keras notes as its name. */
  readonly name: string;
  /** Whose it is, for errors. */
  readonly layer: Layer;
  readonly variables: readonly Variable[];
}

/** Layers that are a loop around a cell of their own. */
const RECURRENT = /^(SimpleRNN|LSTM|GRU|ConvLSTM\dD)$/;

/**
 * The groups of a model's weights, in the order in which Keras counts these: a layer's own before
 * those of the layers inside. A layer that is used twice has the group of its first use.
 */
export function groupsOf(model: Model, membersOf: MembersOf): Group[] {
  const groups: Group[] = [];
  const done = new Set<Layer>();
  const visit = (layer: Layer, path: string): void => {
    if (done.has(layer)) return;
    done.add(layer);
    if (layer instanceof Model) {
      groups.push({ paths: [path], name: layer.name, layer, variables: [] });
      const counts = new Map<string, number>();
      for (const member of membersOf(layer)) {
        const below = join(path, `layers/${numberedName(member.className, counts)}`);
        if (member.layer !== undefined) visit(member.layer, below);
      }
      return;
    }
    groups.push(...ownGroups(layer, path));
    const counts = new Map<string, number>();
    for (const inner of layer.inner.keys()) visit(inner, join(path, innerName(layer, inner, counts)));
  };
  visit(model, "");
  return groups;
}

/** The model's variables that training changes, in Keras's order. */
export function trainableOf(model: Model, groups: readonly Group[]): Variable[] {
  const trained = new Set(model.trainableVariables);
  return [...new Set(groups.flatMap(({ variables }) => variables))].filter((variable) => trained.has(variable));
}

/** The group of a layer, and those of its parts that are layers in Keras and not here. */
function ownGroups(layer: Layer, path: string): Group[] {
  const inside = new Set([...layer.inner.keys()].flatMap((inner) => inner.variables));
  const own: Variable[] = [];
  const parts = new Map<string, Variable[]>();
  for (const variable of layer.variables.filter((each) => !inside.has(each))) {
    const [part, name] = variable.name.split("/");
    if (name === undefined) own.push(variable);
    else parts.set(part!, [...(parts.get(part!) ?? []), variable]);
  }
  // It stores the kernel of the layer inside a second time, as its own first.
  if (layer.className === "SpectralNormalization") own.unshift([...inside].find(({ name }) => name === "kernel" || name === "embeddings")!);
  return [
    { paths: [path], name: layer.name, layer, variables: own },
    ...[...parts].map(([part, variables]): Group => {
      const [first, ...others] = partNames(layer, part).map((name) => join(path, name));
      return { paths: [first!, ...others], name: part, layer, variables };
    }),
  ];
}

/** What attention layers call the projections of `query`, `key` and so on; it changed over time. */
function partNames({ className }: Layer, part: string): string[] {
  const hidden = className === "GroupedQueryAttention" || part === "gate";
  const name = part === "attention_output" ? "output_dense" : `${part}_dense`;
  return hidden ? [`_${name}`, name] : [name, `_${name}`];
}

/** The attribute under which a layer of Keras holds another one. */
function innerName(layer: Layer, inner: Layer, counts: Map<string, number>): string {
  const config = layer.config as Readonly<Record<string, unknown>>;
  if (Array.isArray(config["cells"]) && config["cells"].includes(inner)) return `cells/${numberedName(inner.className, counts)}`;
  if (config["backwardLayer"] === inner) return "backward_layer";
  if (config["layer"] === inner) return "backwardLayer" in config ? "forward_layer" : "layer";
  return config["cell"] === inner || RECURRENT.test(layer.className) ? "cell" : layer.inner.get(inner)!;
}

/** `dense`, `dense_1`, …: a class in snake_case, and how many of it came before. */
export function numberedName(className: string, counts: Map<string, number>): string {
  const name = className
    .replace(/\W+/g, "")
    .replaceAll(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
  const count = counts.get(name) ?? 0;
  counts.set(name, count + 1);
  return count === 0 ? name : `${name}_${count}`;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}
