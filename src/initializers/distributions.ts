import { normals, truncatedNormals, uniforms } from "../random/index.js";
import { type Initializer, type SeedOption, elements, makeRandomInitializer } from "./initializer.js";

/** Options of {@link randomUniform}. */
export interface RandomUniformOptions extends SeedOption {
  /** The lowest value. Default −0.05. */
  readonly minval?: number;
  /** The value that all stay below, up to rounding. Default 0.05. */
  readonly maxval?: number;
}

/**
 * Uniform in [minval, maxval).
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.randomUniform({ minval: -0.1, maxval: 0.1 }) });
 */
export function randomUniform(options: RandomUniformOptions = {}): Initializer {
  return makeRandomInitializer("RandomUniform", { minval: -0.05, maxval: 0.05 }, options, (shape, config, key) => {
    const { minval, maxval } = config;
    return uniforms(key, elements(shape)).map((u) => minval + (maxval - minval) * u);
  });
}

/** Options of {@link randomNormal} and {@link truncatedNormal}. */
export interface NormalOptions extends SeedOption {
  /** Default 0. */
  readonly mean?: number;
  /** The standard deviation, before any truncation. Default 0.05. */
  readonly stddev?: number;
}

/**
 * Normal with the given mean and standard deviation.
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.randomNormal({ stddev: 0.1 }) });
 */
export function randomNormal(options: NormalOptions = {}): Initializer {
  return makeRandomInitializer("RandomNormal", { mean: 0, stddev: 0.05 }, options, (shape, { mean, stddev }, key) =>
    normals(key, elements(shape)).map((z) => mean + stddev * z),
  );
}

/**
 * Normal, drawn again where a value is more than two standard deviations from the mean.
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.truncatedNormal({ stddev: 0.1 }) });
 */
export function truncatedNormal(options: NormalOptions = {}): Initializer {
  return makeRandomInitializer("TruncatedNormal", { mean: 0, stddev: 0.05 }, options, (shape, { mean, stddev }, key) =>
    truncatedNormals(key, elements(shape)).map((z) => mean + stddev * z),
  );
}
