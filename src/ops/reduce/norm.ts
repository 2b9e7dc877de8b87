import { NacreError } from "../../error.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { Tensor } from "../../tensor/tensor.js";
import { div, maximum, pow } from "../elementwise/binary.js";
import { rootOrZero } from "../elementwise/rootOrZero.js";
import { abs, sqrt, square } from "../elementwise/unary.js";
import { type ReduceOptions, max, min, sum } from "./reduce.js";

/** Which norm, over which axes. */
export interface NormOptions extends ReduceOptions {
  /** p of the p-norm, at least 1; Infinity and −Infinity for the largest and smallest |x|. Default 2. */
  readonly ord?: number;
}

/**
 * The vector norm (Σ |x|ᵖ)^(1/p) over axes. The gradient at 0, where there is none, is 0.
 *
 * @throws BAD_ARGUMENT when `ord` is a number below 1 other than −Infinity
 * @shape [...] → [...] without the axes
 * @example
 * console.log(await ops.norm([3, 4]).toArray()); // 5
 */
export function norm(x: TensorLike, { ord = 2, ...axes }: NormOptions = {}): Tensor {
  const value = toTensor(x);
  if (ord === 1) return sum(abs(value), axes);
  if (ord === Infinity) return max(abs(value), axes);
  if (ord === -Infinity) return min(abs(value), axes);
  if (!(ord >= 1)) {
    throw new NacreError({ code: "BAD_ARGUMENT", where: "norm", expected: "an ord of at least 1, or ±Infinity", received: String(ord) });
  }
  const total = ord === 2 ? sum(square(value), axes) : sum(pow(abs(value), ord), axes);
  return rootOrZero(total, (positive) => (ord === 2 ? sqrt(positive) : pow(positive, 1 / ord)));
}

/** Which norm becomes 1, and along which axes. */
export interface NormalizeOptions extends Omit<NormOptions, "keepDims"> {
  /** The norm below which x is not stretched further; above 0. Default 1e-12. */
  readonly epsilon?: number;
}

/**
 * x / max(‖x‖, epsilon), over the last axis unless `axes` says otherwise. @shape [...] → [...]
 * @example
 * console.log(await ops.normalize([[3, 4]]).toArray()); // [[0.6, 0.8]]
 */
export function normalize(x: TensorLike, { epsilon = 1e-12, axes = -1, ord = 2 }: NormalizeOptions = {}): Tensor {
  return div(x, maximum(norm(x, { ord, axes, keepDims: true }), epsilon));
}
