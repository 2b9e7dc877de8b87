import { shapeError } from "../../graph/node.js";
import type { OnnxValue } from "../../graph/lowering.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { isFloat } from "../../tensor/dtype.js";
import { type Shape, formatShape, normalizeAxis, sameShape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { add, mul, sub } from "../elementwise/binary.js";
import { rsqrt } from "../elementwise/unary.js";
import { sum } from "../reduce/reduce.js";
import { broadcastTo } from "../shape/broadcastTo.js";
import { ones, zeros } from "../shape/fill.js";
import { reshape } from "../shape/reshape.js";

/** Options of {@link batchNormTraining} and {@link batchNormInference}. */
export interface BatchNormOptions {
  /** The axis of the channels, negative ones from the back. Default −1. */
  readonly axis?: number;
  /** Added to the variance; at least 0. Default 0.001. */
  readonly epsilon?: number;
}

type BatchNormAttrs = { readonly axis: number; readonly epsilon: number };

const otherAxes = (rank: number, axis: number): number[] => Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);

/** [1, …, C, …, 1]: a vector of channels laid along `axis`. */
const alongAxis = (shape: Shape, axis: number): Shape => shape.map((dim, i) => (i === axis ? dim : 1));

/**
 * (x − mean) / √(variance + ε) · gamma + beta a channel, with the mean and the biased variance of
 * the batch, which come as second and third result. A null gamma or beta is left out.
 *
 * @throws SHAPE_MISMATCH when gamma or beta does not have one element a channel
 * @shape [...,C], [C], [C] → [...,C], [C], [C]
 * @source ONNX BatchNormalization with training_mode, in primitives: that one wants channels first
 *   and loses digits where the mean is large
 * @example
 * console.log(await ops.batchNormTraining([[1], [3]], null, null)[0].toArray()); // [[-0.9995], [0.9995]]
 */
export const batchNormTraining: OpOf<
  (
    x: TensorLike,
    gamma: TensorLike | null,
    beta: TensorLike | null,
    options?: BatchNormOptions,
  ) => readonly [y: Tensor, mean: Tensor, variance: Tensor]
> = defineOp({
  name: "batchNormTraining",
  call: (apply: Apply<BatchNormAttrs>) => (x, gamma, beta, { axis = -1, epsilon = 1e-3 } = {}) => {
    const value = toTensor(x);
    const at = normalizeAxis(axis, value.rank, "batchNormTraining");
    const channels = [value.shape[at]!];
    const scale = gamma === null ? ones(channels, value.dtype) : toTensor(gamma);
    const shift = beta === null ? zeros(channels, value.dtype) : toTensor(beta);
    const [y, mean, variance] = apply([value, scale, shift], { axis: at, epsilon });
    return [y, mean, variance] as const;
  },
  infer: ([x, gamma, beta], { axis }) => {
    if (x.rank < 2) throw shapeError("batchNormTraining", "a batch axis beside the channels", [x.shape]);
    checkChannels("batchNormTraining", x, axis, [gamma, beta]);
    const statistics = { shape: gamma.shape, dtype: x.dtype };
    return [{ shape: x.shape, dtype: x.dtype }, statistics, statistics];
  },
  grad: ({ inputs: [x, gamma], outputs: [, mean, variance], attrs: { axis, epsilon } }, [g, gMean, gVariance]) => {
    const axes = otherAxes(x.rank, axis);
    const count = sizeOf(x.shape.filter((_, i) => i !== axis), "gradient of batchNormTraining");
    const spread = (vector: Tensor): Tensor => reshape(vector, alongAxis(x.shape, axis));
    const centered = sub(x, spread(mean));
    const inverse = rsqrt(add(variance, epsilon));
    const normal = mul(centered, spread(inverse));
    const parts: Tensor[] = [];
    const dGamma = g === null ? null : sum(mul(g, normal), { axes });
    const dBeta = g === null ? null : sum(g, { axes });
    if (g !== null) {
      const off = add(spread(mul(dBeta!, 1 / count)), mul(normal, spread(mul(dGamma!, 1 / count))));
      parts.push(mul(spread(mul(gamma, inverse)), sub(g, off)));
    }
    if (gMean !== null) parts.push(broadcastTo(spread(mul(gMean, 1 / count)), x.shape));
    if (gVariance !== null) parts.push(mul(centered, spread(mul(gVariance, 2 / count))));
    return [parts.reduce((a, b) => add(a, b)), dGamma, dBeta];
  },
  lower: (b, [x, gamma, beta], { inputs: [{ shape, dtype }], attrs: { axis, epsilon } }) => {
    const axes = b.int64s(otherAxes(shape.length, axis));
    const laid = b.shape(alongAxis(shape, axis));
    const average = (value: OnnxValue): OnnxValue => b.node("ReduceMean", [value, axes], { keepdims: 1 });
    const mean = average(x);
    const centered = b.node("Sub", [x, mean]);
    // A second pass: the mean of squares less the square of the mean loses most digits.
    const variance = average(b.node("Mul", [centered, centered]));
    const deviation = b.node("Sqrt", [b.node("Add", [variance, b.scalar(epsilon, dtype)])]);
    const scale = b.node("Div", [b.node("Reshape", [gamma, laid]), deviation]);
    const y = b.node("Add", [b.node("Mul", [centered, scale]), b.node("Reshape", [beta, laid])]);
    const flat = b.int64s([-1]);
    return [y, b.node("Reshape", [mean, flat]), b.node("Reshape", [variance, flat])];
  },
});

/**
 * (x − mean) / √(variance + ε) · gamma + beta a channel, with a given mean and variance.
 * A null gamma or beta is left out.
 *
 * @throws SHAPE_MISMATCH when a vector does not have one element a channel
 * @shape [...,C], [C], [C], [C], [C] → [...,C]
 * @example
 * console.log(await ops.batchNormInference([[1], [3]], null, null, [1], [4]).toArray()); // [[0], [0.9999]]
 */
export function batchNormInference(
  x: TensorLike,
  gamma: TensorLike | null,
  beta: TensorLike | null,
  mean: TensorLike,
  variance: TensorLike,
  { axis = -1, epsilon = 1e-3 }: BatchNormOptions = {},
): Tensor {
  const value = toTensor(x);
  const at = normalizeAxis(axis, value.rank, "batchNormInference");
  const channels = [value.shape[at]!];
  const center = toTensor(mean);
  const spread = toTensor(variance);
  const scale = gamma === null ? ones(channels, value.dtype) : toTensor(gamma);
  const shift = beta === null ? zeros(channels, value.dtype) : toTensor(beta);
  checkChannels("batchNormInference", value, at, [scale, shift, center, spread]);
  // One product and one sum an element; the rest is arithmetic on channels.
  const factor = mul(scale, rsqrt(add(spread, epsilon)));
  const laid = alongAxis(value.shape, at);
  return add(mul(value, reshape(factor, laid)), reshape(sub(shift, mul(center, factor)), laid));
}

function checkChannels(name: string, x: Tensor, axis: number, vectors: readonly Tensor[]): void {
  if (!isFloat(x.dtype)) throw shapeError(name, "a float tensor", [x.shape], `cast it first: its dtype is ${x.dtype}`);
  const channels: Shape = [x.shape[axis]!];
  if (vectors.every((vector) => sameShape(vector.shape, channels))) return;
  const shapes = vectors.map((vector) => vector.shape);
  throw shapeError(name, `vectors of shape ${formatShape(channels)} for ${formatShape(x.shape)}`, shapes);
}
