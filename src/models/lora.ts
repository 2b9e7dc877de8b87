import { checkOptions, NacreError } from "../error.js";
import { heUniform } from "../initializers/index.js";
import type { Layer } from "../layers/layer.js";
import { wholeNumber } from "../layers/options.js";
import { Variable } from "../layers/variable.js";
import { badOption, requireOptions } from "../options.js";
import { foldIn, keyOf } from "../random/host.js";
import { meantBy } from "../train/freeze.js";
import { noMatch, type PathPattern } from "../train/pattern.js";
import type { Network } from "./network.js";

/** Options of `model.addLora`. */
export interface LoraOptions {
  /** Columns of A and rows of B, at least 1: how much the weights can learn. */
  readonly rank: number;
  /** What the product is multiplied by is alpha / rank. Default: the rank. */
  readonly alpha?: number;
  /** Of the first values of A. Default 0. */
  readonly seed?: number;
}

/** Layers whose kernels can be adapted. */
const CLASSES = new Set(["Dense", "EinsumDense", "Embedding", "GroupedQueryAttention", "MultiHeadAttention", "ReversibleEmbedding"]);

const KERNEL = /(^|\/|_)(kernel|embeddings)$/;

/** Adapts the weights that a pattern means, and freezes all but what adapts weights. Gives the paths of the weights. */
export function addLora(model: Network, pattern: PathPattern, options: LoraOptions): string[] {
  const where = `${model.where}.addLora`;
  checkOptions("addLora", options, ["rank", "alpha", "seed"]);
  requireOptions("addLora", options, ["rank"]);
  const rank = wholeNumber("addLora", "rank", options.rank);
  const { alpha = rank, seed = 0 } = options;
  if (!Number.isFinite(alpha) || alpha <= 0) throw badOption("addLora", "alpha", "a number above 0", alpha);
  const meant = meantBy(where, model, pattern);
  const inside = new Set([...[...meant.layers.keys()].flatMap((layer) => layer.variables), ...meant.variables.keys()]);
  const adaptable = [...model.layerPaths.keys()].flatMap(adaptableIn);
  const targets = model.variables.filter((variable) => inside.has(variable) && adaptable.includes(variable));
  if (targets.length === 0) throw noMatch(where, "matrices", String(pattern), adaptable.map((variable) => model.pathOf(variable)));
  const twice = targets.find(({ adapter }) => adapter !== undefined);
  if (twice !== undefined) throw adaptedTwice(where, model.pathOf(twice));
  model.initialize();
  const key = keyOf(seed);
  for (const variable of targets) {
    adapt(variable, rank, alpha);
    const { a, b } = variable.adapter!;
    a.value = a.initializer.init([variable.size / b.shape[1]!, rank], foldIn(key, model.pathOf(a)));
    b.assign(new Float32Array(b.size));
  }
  trainAdapters(model);
  return targets.map((variable) => model.pathOf(variable));
}

/** Gives a variable the matrices that are trained in its stead, without values. */
export function adapt(variable: Variable, rank: number, alpha: number): void {
  const [lead, last] = [variable.shape.slice(0, -1), variable.shape.at(-1)!];
  const named = (part: string): string => variable.name.replace(/[^/]*$/, (name) => `lora_${name}_${part}`);
  const beside = (name: string, shape: readonly number[]): Variable => {
    const made = new Variable(name, { shape, initializer: heUniform() });
    made.path = variable.path.slice(0, variable.path.length - variable.name.length) + name;
    return made;
  };
  variable.adapter = { alpha, a: beside(named("a"), [...lead, rank]), b: beside(named("b"), [rank, last]) };
}

/** Freezes all but the variables that adapt others. Layers without any are frozen whole, so that they keep their statistics. */
function trainAdapters(model: Network): void {
  const adapters = new Set(model.variables.flatMap((variable) => variable.withAdapter.slice(1)));
  for (const layer of model.layerPaths.keys()) layer.trainable = layer.variables.some((variable) => adapters.has(variable));
  for (const variable of model.variables) variable.frozen = !adapters.has(variable);
}

/** Adds what adapters have learned to their weights, which stay frozen, and takes the adapters away. Gives the paths of the weights. */
export async function mergeLora(model: Network): Promise<string[]> {
  const adapted = model.variables.filter(({ adapter }) => adapter !== undefined);
  if (adapted.length === 0) throw nothingToMerge(`${model.where}.mergeLora`);
  const merged = await Promise.all(adapted.map(async (variable) => [variable, await sumOf(variable)] as const));
  for (const [variable, values] of merged) {
    variable.assign(values);
    variable.adapter = undefined;
  }
  return adapted.map((variable) => model.pathOf(variable));
}

/** W + alpha / rank · A · B, summed in double precision. */
async function sumOf(variable: Variable): Promise<Float32Array> {
  const { a, b, alpha } = variable.adapter!;
  const [w, left, right] = (await Promise.all([variable.read(), a.read(), b.read()])) as [Float32Array, Float32Array, Float32Array];
  const [rank, columns] = b.shape as [number, number];
  const row = new Float64Array(columns);
  for (let i = 0; i < w.length / columns; i++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) for (let j = 0; j < columns; j++) row[j]! += left[i * rank + k]! * right[k * columns + j]!;
    for (let j = 0; j < columns; j++) w[i * columns + j]! += (alpha / rank) * row[j]!;
  }
  return w;
}

/** The weights of a layer's own that can be adapted. */
function adaptableIn(layer: Layer): Variable[] {
  const graph = layer.definition.inside?.(layer);
  if (graph !== undefined) return [...graph.matrices];
  if (!CLASSES.has(layer.className)) return [];
  return layer.variables.filter(({ name, shape }) => shape.length > 1 && KERNEL.test(name));
}

function adaptedTwice(where: string, path: string): NacreError {
  return new NacreError({ code: "BAD_ARGUMENT", where, expected: "weights without adapters", received: `${path}, which has one`, fix: "await model.mergeLora() first, or choose a pattern that leaves it out" });
}

function nothingToMerge(where: string): NacreError {
  return new NacreError({ code: "BAD_ARGUMENT", where, expected: "weights with adapters", received: "none", fix: "call model.addLora(pattern, { rank }) before training" });
}
