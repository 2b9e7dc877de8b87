import { EPSILON } from "../../epsilon.js";
import * as initializers from "../../initializers/index.js";
import { add, div, maximum, mul, sub } from "../../ops/elementwise/binary.js";
import { constant } from "../../ops/elementwise/literal.js";
import { sqrt } from "../../ops/elementwise/unary.js";
import { reshape } from "../../ops/shape/reshape.js";
import { dataTensor, type NestedNumbers } from "../../tensor/convert.js";
import { arrayOf, type DType, type TypedArray } from "../../tensor/dtype.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { badOption, knownDim, needAxis } from "../options.js";
import { Moments } from "./moments.js";

/** Options of {@link normalization}. */
export interface NormalizationOptions {
  /** Axes whose elements have statistics of their own; null for one mean and variance of all. Default −1. */
  readonly axis?: number | readonly number[] | null;
  /** The mean, where it is known without `adapt`: a number, or one for each element of the axes. */
  readonly mean?: number | readonly NestedNumbers[] | null;
  /** The variance, where it is known without `adapt`. */
  readonly variance?: number | readonly NestedNumbers[] | null;
  /** Whether the layer leads back: x · σ + μ. Default false. */
  readonly invert?: boolean;
}

/**
 * Features brought to mean 0 and variance 1 by fixed statistics: (x − μ) / max(σ, 1e-7). They are
 * given as options, or learned by `await layer.adapt(data)`.
 *
 * @shape [B,...,C] → [B,...,C]
 * @throws BAD_ARGUMENT when only one of mean and variance is given
 * @example
 * const scale = layers.normalization();
 * await scale.adapt([[1, 10], [3, 30]]);
 * const model = sequential([layers.input([2]), scale, layers.dense({ units: 1 })]);
 */
export const normalization: LayerFactory<NormalizationOptions> = defineLayer({
  className: "Normalization",
  inputDType: "float32",
  defaults: {
    axis: -1 as number | readonly number[] | null,
    mean: null as number | readonly NestedNumbers[] | null,
    variance: null as number | readonly NestedNumbers[] | null,
    invert: false,
  },
  check: (config, where) => {
    const { mean, variance } = config;
    if ((mean === null) !== (variance === null)) {
      throw badOption(where, mean === null ? "mean" : "variance", "both mean and variance, or neither", null);
    }
    if (mean !== null && shapeOf(mean).join() !== shapeOf(variance!).join()) {
      throw badOption(where, "variance", "as many numbers as the mean has", variance);
    }
    return config;
  },
  build: ({ config, where, addWeight }, shape) => {
    const kept = keptAxes(config.axis, shape.length, where);
    if (config.mean !== null) return {};
    const sizes = kept.map((axis) => knownDim(where, shape, axis));
    const fixed = (name: string, initializer: initializers.Initializer, dims: readonly number[] = sizes) =>
      addWeight(name, { shape: dims, initializer, trainable: false });
    return {
      mean: fixed("mean", initializers.zeros()),
      variance: fixed("variance", initializers.ones()),
      // Of no use, but Keras's files hold it.
      count: fixed("count", initializers.zeros(), []),
    };
  },
  call: ({ config, weights, where }, x) => {
    const kept = keptAxes(config.axis, x.rank, where);
    const { mean = given(config.mean, x.dtype), variance = given(config.variance, x.dtype) } = weights;
    // The last numbers belong to the last of the kept axes.
    const places = kept.slice(kept.length - mean.rank);
    places.forEach((axis, i) => needAxis(where, x.shape, axis, mean.shape[i]!, `axis ${axis} to be`));
    const spread = (value: Tensor): Tensor => reshape(value, x.shape.map((_, axis) => mean.shape[places.indexOf(axis)] ?? 1));
    const deviation = maximum(sqrt(spread(variance)), EPSILON);
    return config.invert ? add(mul(x, deviation), spread(mean)) : div(sub(x, spread(mean)), deviation);
  },
  mask: "pass",
  adapt: async ({ config, where }, rows) => {
    if (config.mean !== null) throw badOption(where, "mean", "null, so that adapt can find it", config.mean);
    let moments: Moments | undefined;
    for await (const { data, shape } of rows) {
      moments ??= new Moments(shape, keptAxes(config.axis, shape.length, where));
      moments.add(data, shape, where);
    }
    if (moments === undefined || moments.rows === 0) throw badOption(`${where}, adapt`, "data", "at least one row", undefined);
    return { shape: moments.shape.slice(1), variables: { mean: moments.mean, variance: moments.variance, count: [moments.rows] } };
  },
});

function keptAxes(axis: number | readonly number[] | null, rank: number, where: string): number[] {
  const axes = axis === null ? [] : [axis].flat().map((one) => normalizeAxis(one, rank, where));
  if (axes.includes(0)) throw badOption(where, "axis", "other axes than the batch's, or null", axis);
  return axes.sort((a, b) => a - b);
}

function shapeOf(value: number | readonly NestedNumbers[]): readonly unknown[] {
  return typeof value === "number" ? [] : dataTensor(value).shape;
}

function given(value: number | readonly NestedNumbers[] | null, dtype: DType): Tensor {
  if (value === null || typeof value === "number") return constant(arrayOf(dtype, [value ?? 0]), [], dtype);
  const { value: data, shape } = dataTensor(value, dtype);
  return constant(data as TypedArray, shape as number[], dtype);
}
