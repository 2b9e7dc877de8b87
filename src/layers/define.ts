import type { LayerDefinition, Weights } from "./definition.js";
import { type CommonOptions, Layer } from "./layer.js";

/** What users call to make a layer. */
export type LayerFactory<O extends object> = object extends O
  ? (options?: O & CommonOptions) => Layer
  : (options: O & CommonOptions) => Layer;

interface Entry {
  readonly factory: LayerFactory<object>;
  readonly options: readonly string[];
}

const registry = new Map<string, Entry>();

/**
 * Makes a kind of layer: returns the factory that users call with options, and registers the
 * class name, so that saved models find it.
 *
 * @example
 * const scale = defineLayer({
 *   className: "Scale",
 *   defaults: { factor: 1 },
 *   build: ({ addWeight }) => ({ bias: addWeight("bias", { shape: [], initializer: initializers.zeros() }) }),
 *   call: ({ config, weights }, x) => x.mul(config.factor).add(weights.bias),
 * });
 * const model = sequential([layers.input([3]), scale({ factor: 2 })]);
 */
export function defineLayer<C extends object, W extends Weights, O extends object = Partial<C>>(
  definition: LayerDefinition<C, W>,
): LayerFactory<O> {
  const factory = (options?: Partial<C> & CommonOptions): Layer => new Layer(definition, options) as unknown as Layer;
  registry.set(definition.className, {
    factory: factory as LayerFactory<object>,
    options: Object.keys(definition.defaults),
  });
  return factory as unknown as LayerFactory<O>;
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

/** The default of an option that has none: the layer's `check` refuses it when it is not given. */
export function required<T>(): T {
  return undefined as T;
}
