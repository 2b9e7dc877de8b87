import { cast } from "../../ops/elementwise/cast.js";
import { greaterEqual } from "../../ops/elementwise/compare.js";
import { constant } from "../../ops/elementwise/literal.js";
import { oneHot } from "../../ops/indexing/select.js";
import { max, sum } from "../../ops/reduce/reduce.js";
import { expandDims, squeeze } from "../../ops/shape/reshape.js";
import { arrayOf, isFloat } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { badOption, needRank, oneOf, wholeNumber } from "../options.js";

/** What {@link discretization} gives: bin numbers, a row of 0 and 1 for each number or for each sample, or counts. */
export type BinOutput = "int" | "oneHot" | "multiHot" | "count";

/** Options of {@link discretization}. */
export interface DiscretizationOptions {
  /** Where bins meet, in rising order; null to learn them by `adapt`. Default null. */
  readonly binBoundaries?: readonly number[] | null;
  /** How many bins `adapt` makes, each with as many numbers; at least 2. */
  readonly numBins?: number | null;
  /** Default int. */
  readonly outputMode?: BinOutput;
  /** Not used: the quantiles are exact. Kept for Keras's files. */
  readonly epsilon?: number;
}

/**
 * Numbers to bins: the number of boundaries that are at most x. Boundaries are given, or learned by
 * `await layer.adapt(data)` as quantiles of all numbers in the data.
 *
 * @shape [B,...] → [B,...] int32; for oneHot [B,...,bins], for multiHot and count [B,bins] of [B,N]
 * @throws BAD_ARGUMENT when neither boundaries nor a number of bins is given, or adapt was not called
 * @example
 * const bins = layers.discretization({ binBoundaries: [18, 65], outputMode: "oneHot" });
 * const model = sequential([layers.input([1]), bins, layers.dense({ units: 1 })]);
 */
export const discretization: LayerFactory<DiscretizationOptions> = defineLayer({
  className: "Discretization",
  defaults: {
    binBoundaries: null as readonly number[] | null,
    numBins: null as number | null,
    outputMode: "int" as BinOutput,
    epsilon: 0.01,
  },
  check: (config, where) => {
    const { binBoundaries: boundaries, numBins } = config;
    if (boundaries === null && numBins === null) throw badOption(where, "numBins", "a number of bins, or binBoundaries", null);
    if (boundaries !== null && !rising(boundaries)) throw badOption(where, "binBoundaries", "finite numbers in rising order", boundaries);
    return {
      ...config,
      numBins: numBins === null ? null : wholeNumber(where, "numBins", numBins, 2),
      outputMode: oneOf(where, "outputMode", config.outputMode, ["int", "oneHot", "multiHot", "count"]),
    };
  },
  call: ({ config, where }, input) => {
    const boundaries = config.binBoundaries;
    if (boundaries === null) throw badOption(where, "binBoundaries", "boundaries: call await layer.adapt(data) before the layer is used", null);
    const x = isFloat(input.dtype) ? input : cast(input, "float32");
    const edges = constant(arrayOf(x.dtype, boundaries), [boundaries.length], x.dtype);
    const bins = sum(cast(greaterEqual(expandDims(x, -1), edges), "int32"), { axes: -1 });
    return encode(bins, boundaries.length + 1, config.outputMode, where);
  },
  adapt: async ({ config, where }, rows) => {
    if (config.numBins === null) throw badOption(where, "numBins", "a number of bins to learn", null);
    const values: number[] = [];
    let sample: readonly number[] = [];
    for await (const { data, shape } of rows) {
      sample = shape.slice(1);
      for (let i = 0; i < data.length; i++) values.push(Number(data[i]));
    }
    if (values.length === 0) throw badOption(`${where}, adapt`, "data", "at least one row", undefined);
    return { shape: sample, config: { binBoundaries: quantiles(values, config.numBins) } };
  },
});

function rising(boundaries: unknown): boolean {
  return Array.isArray(boundaries) && boundaries.every((value, i) => Number.isFinite(value) && (i === 0 || value >= boundaries[i - 1]));
}

function encode(bins: Tensor, depth: number, mode: BinOutput, where: string): Tensor {
  if (mode === "int") return bins;
  if (mode === "oneHot") return oneHot(bins.rank > 1 && bins.shape.at(-1) === 1 ? squeeze(bins, -1) : bins, depth);
  needRank(where, bins.shape, Math.max(2, bins.rank), "[batch, values] for this outputMode");
  return (mode === "multiHot" ? max : sum)(oneHot(bins, depth), { axes: 1 });
}

/** The inner bounds of `count` bins of equally many values, interpolated between them. */
function quantiles(values: readonly number[], count: number): number[] {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length < count) return [...sorted.subarray(0, -1)];
  return Array.from({ length: count - 1 }, (_, i) => {
    const place = Math.max(0, ((i + 1) * sorted.length) / count - 1);
    const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return low + (high - low) * (place % 1);
  });
}
