import type { LayerDefinition, Weights } from "./definition.js";
import { type CommonOptions, Layer } from "./layer.js";

/** What users call to make a layer; `L` says how the layer may be called. */
export type LayerFactory<O extends object, L extends Layer = Layer> = object extends O
  ? (options?: O & CommonOptions) => L
  : (options: O & CommonOptions) => L;

interface Entry {
  readonly factory: LayerFactory<object>;
  readonly options: readonly string[];
}

const registry = new Map<string, Entry>();

/**
 * Makes a kind of layer: returns the factory that users call with options, and registers the
 * class name, so that saved models find it. An option without default is {@link required}, and
 * `check` refuses wrong values; sizes that weights follow are taken from the input's shape by
 * {@link knownDim}.
 *
 * @example
 * const scale = defineLayer({
 *   className: "Scale",
 *   defaults: { factor: 1 },
 *   build: ({ addWeight }) => ({ bias: addWeight("bias", { shape: [], initializer: initializers.zeros() }) }),
 *   call: ({ config, weights }, x) => x.mul(config.factor).add(weights.bias),
 * });
 * const model = sequential([layers.input([3]), scale({ factor: 2 })]);
 * @example
 * const project = defineLayer({
 *   className: "Project",
 *   defaults: { units: required<number>() },
 *   check: (config, where) => ({ ...config, units: wholeNumber(where, "units", config.units) }),
 *   build: ({ config, where, addWeight }, shape) => ({
 *     kernel: addWeight("kernel", { shape: [knownDim(where, shape, -1), config.units], initializer: initializers.glorotUniform() }),
 *   }),
 *   call: ({ weights }, x) => x.matmul(weights.kernel),
 * });
 * const narrow = sequential([layers.input([8]), project({ units: 2 })]);
 */
export function defineLayer<
  C extends object,
  W extends Weights,
  O extends object = Partial<C>,
  A extends object = object,
  L extends Layer = Layer,
>(definition: LayerDefinition<C, W, A>): LayerFactory<O, L> {
  const factory = (options?: Partial<C> & CommonOptions): Layer => new Layer(definition, options) as unknown as Layer;
  const entry = { factory: factory as LayerFactory<object>, options: Object.keys(definition.defaults) };
  for (const name of [definition.className, ...(definition.aliases ?? [])]) registry.set(name, entry);
  return factory as unknown as LayerFactory<O, L>;
}

/** The factory of a class name; undefined where none is registered. */
export function layerFactory(className: string): LayerFactory<object> | undefined {
  return registry.get(className)?.factory;
}

/** The names of the options of a class's own; undefined where none is registered. */
export function layerOptions(className: string): readonly string[] | undefined {
  return registry.get(className)?.options;
}

/** All registered class names. */
export function layerClassNames(): string[] {
  return [...registry.keys()].sort();
}

/**
 * The default of an option that has none: the layer's `check` refuses it when it is not given.
 *
 * @example
 * const defaults = { units: required<number>(), useBias: true };
 */
export function required<T>(): T {
  return undefined as T;
}
