import { NacreError, unknownName } from "../error.js";
import { type Key, normals, truncatedNormals, uniforms } from "../random/index.js";
import { type Initializer, type SeedOption, elements, makeRandomInitializer } from "./initializer.js";

const MODES = ["fanIn", "fanOut", "fanAvg"] as const;
const DISTRIBUTIONS = ["truncatedNormal", "untruncatedNormal", "uniform"] as const;

/** The standard deviation of a standard normal that is cut off at ±2. */
const TRUNCATED_STD = 0.87962566103423978;

/** Options of {@link varianceScaling}. */
export interface VarianceScalingOptions extends SeedOption {
  /** Multiplies the variance; more than 0. Default 1. */
  readonly scale?: number;
  /** What divides the variance: inputs, outputs, or the mean of both. Default `"fanIn"`. */
  readonly mode?: (typeof MODES)[number];
  /** Default `"truncatedNormal"`. */
  readonly distribution?: (typeof DISTRIBUTIONS)[number];
}

/** Options of the initializers that are named after people. */
export type FanOptions = SeedOption;

type Config = Required<Omit<VarianceScalingOptions, "seed">>;

/**
 * Random values of mean 0 and variance scale / n, where n is what `mode` counts.
 *
 * @throws BAD_ARGUMENT when scale is not more than 0
 * @throws UNKNOWN_NAME for another mode or distribution
 * @example
 * initializers.varianceScaling({ scale: 2, mode: "fanOut", distribution: "uniform" });
 */
export function varianceScaling(options: VarianceScalingOptions = {}): Initializer {
  const defaults: Config = { scale: 1, mode: "fanIn", distribution: "truncatedNormal" };
  const { scale = defaults.scale, mode = defaults.mode, distribution = defaults.distribution } = options;
  const where = "initializer VarianceScaling";
  if (!(scale > 0)) {
    throw new NacreError({ code: "BAD_ARGUMENT", where, expected: "a scale of more than 0", received: String(scale) });
  }
  if (!MODES.includes(mode)) throw unknownName(where, "mode", mode, MODES);
  if (!DISTRIBUTIONS.includes(distribution)) throw unknownName(where, "distribution", distribution, DISTRIBUTIONS);
  return makeRandomInitializer("VarianceScaling", { ...defaults }, options, scaled);
}

/** An initializer without options of its own that is a variance scaling of fixed ones. */
function named(name: string, config: Config): (options?: FanOptions) => Initializer {
  return (options = {}) =>
    makeRandomInitializer(name, {}, options, (shape, _config, key) => scaled(shape, config, key));
}

/**
 * Uniform with variance 2 / (inputs + outputs).
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.glorotUniform({ seed: 1 }) });
 */
export const glorotUniform = named("GlorotUniform", { scale: 1, mode: "fanAvg", distribution: "uniform" });

/**
 * Truncated normal with variance 2 / (inputs + outputs).
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.glorotNormal({ seed: 1 }) });
 */
export const glorotNormal = named("GlorotNormal", { scale: 1, mode: "fanAvg", distribution: "truncatedNormal" });

/**
 * Uniform with variance 2 / inputs.
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.heUniform({ seed: 1 }) });
 */
export const heUniform = named("HeUniform", { scale: 2, mode: "fanIn", distribution: "uniform" });

/**
 * Truncated normal with variance 2 / inputs.
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.heNormal({ seed: 1 }) });
 */
export const heNormal = named("HeNormal", { scale: 2, mode: "fanIn", distribution: "truncatedNormal" });

/**
 * Uniform with variance 1 / inputs.
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.lecunUniform({ seed: 1 }) });
 */
export const lecunUniform = named("LecunUniform", { scale: 1, mode: "fanIn", distribution: "uniform" });

/**
 * Truncated normal with variance 1 / inputs.
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.lecunNormal({ seed: 1 }) });
 */
export const lecunNormal = named("LecunNormal", { scale: 1, mode: "fanIn", distribution: "truncatedNormal" });

function scaled(shape: readonly number[], { scale, mode, distribution }: Config, key: Key): Float32Array {
  const [fanIn, fanOut] = fans(shape);
  const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode];
  const std = Math.sqrt(scale / Math.max(1, fan));
  const size = elements(shape);
  switch (distribution) {
    case "uniform": {
      const limit = Math.sqrt(3) * std;
      return uniforms(key, size).map((u) => limit * (2 * u - 1));
    }
    case "truncatedNormal":
      return truncatedNormals(key, size).map((z) => (std / TRUNCATED_STD) * z);
    case "untruncatedNormal":
      return normals(key, size).map((z) => std * z);
  }
}

/**
 * How many inputs reach an output and how many outputs an input reaches: of a matrix [in, out],
 * and of a convolution's kernel [...spatial, in, out], whose places all count.
 */
function fans(shape: readonly number[]): [fanIn: number, fanOut: number] {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const places = elements(shape.slice(0, -2));
  return [places * shape.at(-2)!, places * shape.at(-1)!];
}
