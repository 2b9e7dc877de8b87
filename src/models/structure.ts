import { NacreError } from "../error.js";
import type { Layer } from "../layers/layer.js";
import { snakeCase } from "../layers/layer.js";
import type { LayerCall, SymbolicTensor } from "../layers/symbolic.js";
import type { Variable } from "../layers/variable.js";

/** The calls from inputs to outputs, each after those it needs. */
export function callsBetween(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): LayerCall[] {
  const order: LayerCall[] = [];
  const seen = new Set<LayerCall>();
  const known = new Set(inputs);
  // An explicit stack: recursion would overflow in models of thousands of layers.
  const stack: { readonly call: LayerCall; next: number }[] = [];
  const push = (tensor: SymbolicTensor): void => {
    if (known.has(tensor)) return;
    const { origin } = tensor;
    if (origin === undefined) throw unreachable(tensor);
    if (seen.has(origin)) return;
    seen.add(origin);
    stack.push({ call: origin, next: 0 });
  };
  for (const output of outputs) {
    push(output);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.call.inputs[top.next++];
      if (input !== undefined) push(input);
      else order.push(stack.pop()!.call);
    }
  }
  return order;
}

/** The layers of some calls, each once, in the order of their first use. */
export function layersOf(calls: readonly LayerCall[]): Layer[] {
  return [...new Set(calls.map((call) => call.layer))];
}

/** Layers that a model has numbered already. */
const numbered = new WeakSet<Layer>();

/**
 * Names for the layers of a model, each once: `dense`, `dense_1`, … where they have none of their
 * own. A layer of an earlier model keeps the name that it got there, as long as it is free.
 */
export function nameLayers(layers: readonly Layer[]): string[] {
  const names = new Map<Layer, string>();
  const taken = new Set<string>();
  const take = (layer: Layer, name: string): void => {
    names.set(layer, name);
    taken.add(name);
  };
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
    take(layer, layer.name);
  }
  for (const layer of layers) if (numbered.has(layer) && !names.has(layer) && !taken.has(layer.name)) take(layer, layer.name);
  for (const layer of layers.filter((l) => !names.has(l))) {
    const base = snakeCase(layer.className);
    let name = base;
    for (let n = 1; taken.has(name); n++) name = `${base}_${n}`;
    take(layer, name);
    numbered.add(layer);
  }
  return layers.map((layer) => names.get(layer)!);
}

/** Every variable with its path, such as `backbone/dense/kernel`. */
export function pathsOfVariables(layers: readonly Layer[], names: readonly string[]): Map<Variable, string> {
  const paths = new Map<Variable, string>();
  layers.forEach((layer, i) => {
    for (const variable of [...layer.variables, ...layer.states]) {
      if (paths.has(variable)) continue;
      paths.set(variable, `${names[i]}/${layer.pathOf(variable)}`);
    }
  });
  const seen = new Set<string>();
  for (const path of paths.values()) {
    if (seen.has(path)) throw sameVariable(path);
    seen.add(path);
  }
  return paths;
}

/** Names of inputs or outputs: given ones, each once, else `base`, `base_1`, … */
export function portNames(given: readonly (string | undefined)[], base: string): string[] {
  const names = given.filter((name) => name !== undefined);
  const taken = new Set(names);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw samePort(twice, `two ${base}s`);
  return given.map((name) => {
    if (name !== undefined) return name;
    let free = base;
    for (let n = 1; taken.has(free); n++) free = `${base}_${n}`;
    taken.add(free);
    return free;
  });
}

/** The error for a name that two ports of a model share. */
export function samePort(name: string, received: string): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "model",
    expected: "inputs and outputs with different names",
    received: `${received} called "${name}"`,
    fix: "name inputs by layers.input(shape, { name }), and outputs by outputs: { name: … }",
  });
}

function sameVariable(path: string): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: `variable ${path}`,
    expected: "variables of different names in a layer",
    received: "two of one name",
    fix: "give each addWeight of the layer a name of its own",
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
