import { shapeError } from "../../graph/node.js";
import type { OnnxValue } from "../../graph/lowering.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { isFloat } from "../../tensor/dtype.js";
import { type Shape, formatShape, normalizeAxes, sameShape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { add, mul, sub } from "../elementwise/binary.js";
import { neg } from "../elementwise/unary.js";
import { mean } from "../reduce/reduce.js";
import { sumTo } from "../reduce/sumTo.js";
import { broadcastTo } from "../shape/broadcastTo.js";
import { ones, zeros } from "../shape/fill.js";
import { transpose } from "../shape/transpose.js";

/** Options of {@link layerNorm}. */
export interface LayerNormOptions {
  /** Over which axes mean and variance are taken, negative ones from the back. Default −1. */
  readonly axes?: number | readonly number[];
  /** Added to the variance; at least 0. Default 0.001. */
  readonly epsilon?: number;
}

/** `axis`: the first of the trailing axes that are normalized. */
type LayerNormAttrs = { readonly axis: number; readonly epsilon: number };

const trailing = (rank: number, axis: number): number[] => Array.from({ length: rank - axis }, (_, i) => axis + i);

/**
 * (x − mean) / √(variance + ε) · gamma + beta, with the mean and the biased variance over `axes`.
 * Gamma and beta have the sizes of these axes, in the order that x has them; null leaves one out.
 *
 * @throws SHAPE_MISMATCH when gamma or beta has another shape
 * @shape [...,N], [N], [N] → [...,N]
 * @source ONNX LayerNormalization
 * @example
 * console.log(await ops.layerNorm([[1, 3], [10, 30]], null, null).toArray()); // [[-0.9995, 0.9995], [-1, 1]]
 */
export const layerNorm: OpOf<
  (x: TensorLike, gamma: TensorLike | null, beta: TensorLike | null, options?: LayerNormOptions) => Tensor
> = defineOp({
  name: "layerNorm",
  call: (apply: Apply<LayerNormAttrs>) => (x, gamma, beta, { axes = -1, epsilon = 1e-3 } = {}) => {
    const value = toTensor(x);
    const normalized = normalizeAxes(axes, value.rank, "layerNorm");
    if (normalized.length === 0) throw shapeError("layerNorm", "at least one axis to normalize", [value.shape]);
    const sizes: Shape = normalized.map((axis) => value.shape[axis]!);
    const order = [...value.shape.keys()].filter((axis) => !normalized.includes(axis)).concat(normalized);
    const scale = gamma === null ? ones(sizes, value.dtype) : toTensor(gamma);
    const shift = beta === null ? zeros(sizes, value.dtype) : toTensor(beta);
    const axis = value.rank - normalized.length;
    const [y] = apply([transpose(value, order), scale, shift], { axis, epsilon });
    return transpose(y, order.map((_, i) => order.indexOf(i)));
  },
  infer: ([x, gamma, beta], { axis }) => {
    const sizes = x.shape.slice(axis);
    if (!isFloat(x.dtype)) throw shapeError("layerNorm", "a float tensor", [x.shape], `cast it first: its dtype is ${x.dtype}`);
    if (!sameShape(gamma.shape, sizes) || !sameShape(beta.shape, sizes)) {
      throw shapeError("layerNorm", `gamma and beta of shape ${formatShape(sizes)}`, [gamma.shape, beta.shape]);
    }
    const statistics = { shape: x.shape.map((dim, i) => (i < axis ? dim : 1)), dtype: x.dtype };
    return [{ shape: x.shape, dtype: x.dtype }, statistics, statistics];
  },
  // The outputs are y, the mean and the inverse deviation 1 / √(variance + ε); users see y alone.
  grad: ({ inputs: [x, gamma], outputs: [, center, inverse], attrs: { axis } }, [g, gCenter, gInverse]) => {
    const axes = trailing(x.rank, axis);
    const count = sizeOf(x.shape.slice(axis), "gradient of layerNorm");
    const normal = mul(sub(x, center), inverse);
    const parts: Tensor[] = [];
    if (g !== null) {
      const scaled = mul(g, gamma);
      const average = (value: Tensor): Tensor => mean(value, { axes, keepDims: true });
      const off = add(average(scaled), mul(normal, average(mul(scaled, normal))));
      parts.push(mul(inverse, sub(scaled, off)));
    }
    if (gCenter !== null) parts.push(broadcastTo(mul(gCenter, 1 / count), x.shape));
    if (gInverse !== null) parts.push(neg(mul(mul(gInverse, mul(mul(inverse, inverse), 1 / count)), normal)));
    return [
      parts.reduce((a, b) => add(a, b)),
      g === null ? null : sumTo(mul(g, normal), gamma.shape),
      g === null ? null : sumTo(g, gamma.shape),
    ];
  },
  lower: (b, [x, gamma, beta], { inputs: [{ dtype, rank }], attrs: { axis, epsilon } }) => {
    if (dtype === "float32") return b.nodes("LayerNormalization", [x, gamma, beta], 3, { axis, epsilon: { float: epsilon } });
    // The statistics of LayerNormalization are float32 whatever x is.
    const axes = b.int64s(trailing(rank, axis));
    const average = (value: OnnxValue): OnnxValue => b.node("ReduceMean", [value, axes], { keepdims: 1 });
    const center = average(x);
    const centered = b.node("Sub", [x, center]);
    const variance = average(b.node("Mul", [centered, centered]));
    const inverse = b.node("Reciprocal", [b.node("Sqrt", [b.node("Add", [variance, b.scalar(epsilon, dtype)])])]);
    const scaled = b.node("Mul", [b.node("Mul", [centered, inverse]), gamma]);
    return [b.node("Add", [scaled, beta]), center, inverse];
  },
});
