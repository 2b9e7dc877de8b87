import * as initializers from "../../initializers/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import { NacreError } from "../../error.js";
import { add, div, mul } from "../../ops/elementwise/binary.js";
import { cast } from "../../ops/elementwise/cast.js";
import { constant } from "../../ops/elementwise/literal.js";
import { cos, neg, sin } from "../../ops/elementwise/unary.js";
import { where as choose } from "../../ops/elementwise/where.js";
import { gather } from "../../ops/indexing/gather.js";
import { positions } from "../../ops/reduce/positions.js";
import { broadcastTo } from "../../ops/shape/broadcastTo.js";
import { concat, split } from "../../ops/shape/concat.js";
import { expandDims, reshape } from "../../ops/shape/reshape.js";
import { sliceAlong } from "../../ops/shape/slice.js";
import { transpose } from "../../ops/shape/transpose.js";
import type { Dim } from "../../tensor/dim.js";
import { formatShape, normalizeAxis, type Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import type { Layer, MaskArgument, SymbolicInputs } from "../layer.js";
import { badOption, knownDim, needAxis, wholeNumber } from "../options.js";
import { resolveNames } from "../parameters.js";
import type { SymbolicTensor } from "../symbolic.js";

/** What a layer of positions takes beside the sequence. */
export interface PositionArguments extends MaskArgument {
  /** The position of the first step. Default 0. */
  readonly startIndex?: number;
}

/** How a layer of positions is called. */
export interface PositionLayer extends Layer {
  (sequence: SymbolicInputs, args?: PositionArguments): SymbolicTensor;
}

const ARGUMENTS = { startIndex: 0 };

/** Options of {@link positionEmbedding}. */
export interface PositionEmbeddingOptions {
  /** How many positions there are: the longest sequence. */
  readonly sequenceLength: number;
  /** Default glorotUniform. */
  readonly initializer?: InitializerLike;
}

/**
 * A trained vector for each position, in the input's shape, to be added to it.
 *
 * @shape [B,T,C] → [B,T,C]
 * @throws SHAPE_MISMATCH when the sequence is longer than sequenceLength
 * @example
 * const tokens = layers.input([10], { dtype: "int32" });
 * const x = layers.embedding({ inputDim: 100, outputDim: 16 })(tokens);
 * const positioned = layers.add()([x, layers.positionEmbedding({ sequenceLength: 10 })(x)]);
 */
export const positionEmbedding: LayerFactory<PositionEmbeddingOptions, PositionLayer> = defineLayer({
  className: "PositionEmbedding",
  defaults: { sequenceLength: required<number>(), initializer: "glorotUniform" as InitializerLike },
  args: ARGUMENTS,
  check: (config, where) => ({ ...resolveNames(config), sequenceLength: wholeNumber(where, "sequenceLength", config.sequenceLength) }),
  build: ({ addWeight, config, where }, shape) => {
    needSequence(where, shape);
    const features = knownDim(where, shape, -1);
    return {
      embeddings: addWeight("embeddings", { shape: [config.sequenceLength, features], initializer: initializers.get(config.initializer) }),
    };
  },
  call: ({ args, config, weights, where }, x) => {
    needSequence(where, x.shape);
    needAxis(where, x.shape, -1, weights.embeddings.shape[1]!, "features");
    const steps = x.shape.at(-2)!;
    if (typeof steps === "string") return broadcastTo(gather(weights.embeddings, add(positions(steps), args.startIndex)), x.shape);
    const end = args.startIndex + steps;
    if (end > config.sequenceLength) throw tooLong(where, config.sequenceLength, end);
    return broadcastTo(sliceAlong(weights.embeddings, 0, args.startIndex, end), x.shape);
  },
  mask: "pass",
});

/** Options of {@link sineCosinePosition}. */
export interface SineCosinePositionOptions {
  /** Of the slowest wave, in steps. Default 10000. */
  readonly maxWavelength?: number;
}

/**
 * A fixed vector for each position, in the input's shape, to be added to it: features 2i and 2i + 1
 * are the sine and cosine of position / maxWavelength^(2i / C).
 *
 * @shape [B,T,C] → [B,T,C]
 * @source Vaswani et al. 2017
 * @example
 * const x = layers.input([10, 16]);
 * const positioned = layers.add()([x, layers.sineCosinePosition()(x)]);
 */
export const sineCosinePosition: LayerFactory<SineCosinePositionOptions, PositionLayer> = defineLayer({
  className: "SinePositionEncoding",
  defaults: { maxWavelength: 10000 },
  args: ARGUMENTS,
  check: checkWavelength,
  call: ({ args, config, where }, x) => {
    needSequence(where, x.shape);
    const [steps, features] = [x.shape.at(-2)!, knownDim(where, x.shape, -1)];
    const rate = (i: number): number => config.maxWavelength ** (-(i - (i % 2)) / features);
    if (typeof steps === "string") {
      const angles = anglesOf(steps, features, args.startIndex, rate);
      return broadcastTo(cast(choose(cast(row(features, (i) => i % 2), "bool"), cos(angles), sin(angles)), x.dtype), x.shape);
    }
    const table = tableOf(steps, features, (t, i) => {
      const angle = (t + args.startIndex) * rate(i);
      return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    });
    return broadcastTo(cast(table, x.dtype), x.shape);
  },
  mask: "pass",
});

/** Options of {@link rotaryEmbedding}. */
export interface RotaryEmbeddingOptions extends SineCosinePositionOptions {
  /** By which positions are divided, for sequences longer than trained on. Default 1. */
  readonly scalingFactor?: number;
  /** Default 1. */
  readonly sequenceAxis?: number;
  /** Of even size. Default −1. */
  readonly featureAxis?: number;
}

/**
 * Turns each pair of features i and i + C / 2 by an angle that grows with the position:
 * position / scalingFactor / maxWavelength^(2i / C). Products of queries and keys turned so depend
 * on their distance alone.
 *
 * @shape [B,T,...,C] → [B,T,...,C]
 * @throws SHAPE_MISMATCH when the number of features is odd
 * @source Su et al. 2021
 * @example
 * const queries = layers.input([10, 2, 8]);
 * const turned = layers.rotaryEmbedding()(queries);
 */
export const rotaryEmbedding: LayerFactory<RotaryEmbeddingOptions, PositionLayer> = defineLayer({
  className: "RotaryEmbedding",
  defaults: { maxWavelength: 10000, scalingFactor: 1, sequenceAxis: 1, featureAxis: -1 },
  args: ARGUMENTS,
  check: (config, where) => {
    if (!(config.scalingFactor > 0)) throw badOption(where, "scalingFactor", "a number above 0", config.scalingFactor);
    return checkWavelength(config, where);
  },
  call: ({ args, config, where }, x) => {
    needSequence(where, x.shape);
    const time = normalizeAxis(config.sequenceAxis, x.rank, where);
    const feature = normalizeAxis(config.featureAxis, x.rank, where);
    const [steps, features] = [x.shape[time]!, knownDim(where, x.shape, feature)];
    const half = features / 2;
    if (!Number.isInteger(half)) needAxis(where, x.shape, feature, features + 1, "an even number of features, such as");
    const rate = (i: number): number => config.maxWavelength ** (-(2 * (i % half)) / features);
    const spread = (of: (angle: number) => number, ofTensor: (angle: Tensor) => Tensor): Tensor => {
      const angle = (t: number, i: number): number => ((t + args.startIndex) / config.scalingFactor) * rate(i);
      const table =
        typeof steps === "string"
          ? ofTensor(div(anglesOf(steps, features, args.startIndex, rate), config.scalingFactor))
          : tableOf(steps, features, (t, i) => of(angle(t, i)));
      const inOrder = cast(time < feature ? table : transpose(table), x.dtype);
      return reshape(inOrder, x.shape.map((_, axis) => (axis === time ? steps : axis === feature ? features : 1)));
    };
    const [first, second] = split(x, 2, feature);
    const turned = concat([neg(second!), first!], feature);
    return add(mul(x, spread(Math.cos, cos)), mul(turned, spread(Math.sin, sin)));
  },
  mask: "pass",
});

/** The angle of each step and feature, for a free number of steps. @shape → [T,C] */
function anglesOf(steps: Dim, features: number, start: number, rate: (feature: number) => number): Tensor {
  return mul(expandDims(add(positions(steps, "float32"), start), 1), row(features, rate));
}

function row(features: number, value: (feature: number) => number): Tensor {
  return tableOf(1, features, (_, i) => value(i));
}

function tableOf(rows: number, columns: number, value: (row: number, column: number) => number): Tensor {
  const data = Float32Array.from({ length: rows * columns }, (_, at) => value(Math.floor(at / columns), at % columns));
  return constant(data, [rows, columns], "float32");
}

function checkWavelength<C extends Required<SineCosinePositionOptions>>(config: C, where: string): C {
  if (config.maxWavelength > 0) return config;
  throw badOption(where, "maxWavelength", "a number above 0", config.maxWavelength);
}

function needSequence(where: string, shape: Shape): void {
  if (shape.length >= 3) return;
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: "sequences [batch, time, features]",
    received: formatShape(shape),
    fix: "embed token ids first",
  });
}

function tooLong(where: string, longest: number, received: number): NacreError {
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: `at most ${longest} positions`,
    received: String(received),
    fix: "shorten the sequence, or build the layer with a larger sequenceLength",
  });
}
