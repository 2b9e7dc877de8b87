import { NacreError } from "../error.js";
import type { Layer } from "../layers/layer.js";
import { snakeCase } from "../layers/layer.js";
import type { LayerCall, SymbolicTensor } from "../layers/symbolic.js";

/** The calls from inputs to outputs, each after those it needs. */
export function callsBetween(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): LayerCall[] {
  const order: LayerCall[] = [];
  const seen = new Set<LayerCall>();
  const known = new Set(inputs);
  const visit = (tensor: SymbolicTensor): void => {
    if (known.has(tensor)) return;
    const { origin } = tensor;
    if (origin === undefined) throw unreachable(tensor);
    if (seen.has(origin)) return;
    seen.add(origin);
    origin.inputs.forEach(visit);
    order.push(origin);
  };
  outputs.forEach(visit);
  return order;
}

/** The layers of some calls, each once, in the order of their first use. */
export function layersOf(calls: readonly LayerCall[]): Layer[] {
  return [...new Set(calls.map((call) => call.layer))];
}

/** Gives layers without a name of their own one that is unique: `dense`, `dense_1`, … */
export function nameLayers(layers: readonly Layer[]): void {
  const taken = new Set<string>();
  for (const layer of layers.filter((l) => l.named)) {
    if (taken.has(layer.name)) {
      throw new NacreError({
        code: "BAD_ARGUMENT",
        where: layer.where,
        expected: "a name that no other layer of the model has",
        received: `"${layer.name}" twice`,
        fix: "rename one of the layers; to share a layer, call the same object twice",
      });
    }
    taken.add(layer.name);
  }
  for (const layer of layers.filter((l) => !l.named)) {
    const base = snakeCase(layer.className);
    let name = base;
    for (let n = 1; taken.has(name); n++) name = `${base}_${n}`;
    taken.add(name);
    layer.rename(name);
  }
}

/** Names of inputs or outputs: given ones, else `base`, `base_1`, … */
export function portNames(given: readonly (string | undefined)[], base: string): string[] {
  const taken = new Set(given.filter((name) => name !== undefined));
  return given.map((name) => {
    if (name !== undefined) return name;
    let free = base;
    for (let n = 1; taken.has(free); n++) free = `${base}_${n}`;
    taken.add(free);
    return free;
  });
}

function unreachable(tensor: SymbolicTensor): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "model",
    expected: "outputs that depend only on the given inputs",
    received: `another input of shape [${tensor.shape.join(", ")}]`,
    fix: "list every layers.input(…) in inputs",
  });
}
