import { NacreError, checkOptions } from "../error.js";
import { type Key, keyOf } from "../random/index.js";

/** Makes the first values of a weight. */
export interface Initializer {
  /** Keras's class name, such as `GlorotUniform`. */
  readonly name: string;
  /** The options, complete but for a seed that was not given; plain JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The values in row-major order: a pure function of the arguments, whatever engine runs the model. */
  init(shape: readonly number[], key: Key): Float32Array;
}

/** The option of every random initializer. */
export interface SeedOption {
  /** Draws from this seed instead of the weight's own key. Default: none. */
  readonly seed?: number;
}

type Plain = Readonly<Record<string, number | string>>;

/** An initializer of the given options over its defaults, after both names and numbers were checked. */
export function makeInitializer<C extends Plain>(
  name: string,
  defaults: C,
  options: { readonly [K in keyof C]?: C[K] },
  init: (shape: readonly number[], config: C, key: Key) => Float32Array,
): Initializer {
  checkOptions(name, options, Object.keys(defaults));
  return create(name, completed(name, defaults, options), init);
}

/** Like {@link makeInitializer}, with a `seed` option that overrides the key. */
export function makeRandomInitializer<C extends Plain>(
  name: string,
  defaults: C,
  options: { readonly [K in keyof C]?: C[K] } & SeedOption,
  init: (shape: readonly number[], config: C, key: Key) => Float32Array,
): Initializer {
  checkOptions(name, options, [...Object.keys(defaults), "seed"]);
  const { seed, ...rest } = options;
  const config = completed(name, defaults, rest as { readonly [K in keyof C]?: C[K] });
  if (seed === undefined) return create(name, config, init);
  const own = keyOf(seed);
  return create(name, { ...config, seed }, (shape, _config, _key) => init(shape, config, own));
}

function create<C extends Plain>(
  name: string,
  config: C,
  init: (shape: readonly number[], config: C, key: Key) => Float32Array,
): Initializer {
  return Object.freeze({ name, config, init: (shape: readonly number[], key: Key) => init(shape, config, key) });
}

function completed<C extends Plain>(name: string, defaults: C, options: { readonly [K in keyof C]?: C[K] }): C {
  for (const [option, value] of Object.entries(options)) {
    const type = typeof defaults[option];
    if (typeof value === type && (type !== "number" || Number.isFinite(value))) continue;
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: `initializer ${name}`,
      expected: `a ${type === "number" ? "finite number" : type} for ${option}`,
      received: String(value),
    });
  }
  return { ...defaults, ...options };
}

/** The number of elements of a weight. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
