import { add, mul } from "../../ops/elementwise/binary.js";
import { where } from "../../ops/elementwise/where.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { broadcastTo } from "../../ops/shape/broadcastTo.js";
import { reshape } from "../../ops/shape/reshape.js";
import { transpose } from "../../ops/shape/transpose.js";
import { type Shape, symbolicSize } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { CallContext } from "../definition.js";
import { dropMask } from "../dropMask.js";
import { maskedSoftmax } from "./mask.js";

/** x · kernel + bias over the last `bound` axes of x. @shape [...,C], [C,H,D] → [...,H,D] */
export function project(x: Tensor, kernel: Tensor, bias: Tensor | undefined, bound = 1): Tensor {
  const [before, taken] = [x.shape.slice(0, x.rank - bound), kernel.shape.slice(0, bound)];
  const made = kernel.shape.slice(bound);
  const size = symbolicSize(made);
  const flat = reshape(x, [...before, symbolicSize(taken)]);
  const y = matmul(flat, reshape(kernel, [symbolicSize(taken), size]));
  return reshape(bias === undefined ? y : add(y, reshape(bias, [size])), [...before, ...made]);
}

/** The axes along which heads look, and how to bring them to their place and back. */
export class HeadAxes {
  readonly #axes: readonly number[];
  readonly #others: readonly number[];

  /** `axes` count from the batch axis, which is 0, and leave out heads and features. */
  constructor(axes: readonly number[], rank: number) {
    this.#axes = axes;
    this.#others = Array.from({ length: rank }, (_, i) => i).filter((i) => !axes.includes(i));
  }

  get count(): number {
    return this.#axes.length;
  }

  sizes(x: Tensor): Shape {
    return this.#axes.map((axis) => x.shape[axis]!);
  }

  /** [B,T,H,D] → [B,H,T,D], with all axes along which heads look as one. */
  split(x: Tensor): Tensor {
    const heads = x.rank - 2;
    const ordered = transpose(x, [...this.#others, heads, ...this.#axes, heads + 1]);
    return reshape(ordered, [...ordered.shape.slice(0, this.#others.length + 1), symbolicSize(this.sizes(x)), x.shape.at(-1)!]);
  }

  /** The inverse of `split`. [B,H,T,D] → [B,T,H,D] */
  join(x: Tensor, sizes: Shape): Tensor {
    const lead = this.#others.length + 1;
    const apart = reshape(x, [...x.shape.slice(0, lead), ...sizes, x.shape.at(-1)!]);
    const order = [...this.#others, -1, ...this.#axes];
    const places = Array.from({ length: this.#others.length + sizes.length }, (_, axis) => order.indexOf(axis));
    return transpose(apart, [...places, this.#others.length, apart.rank - 1]);
  }

  /** A mask over queries and keys, [B,T,S] or with a head axis, for scores [B,H,T,S]. */
  expandMask(mask: Tensor, queries: Shape, keys: Shape): Tensor {
    const lead = mask.shape.slice(0, mask.rank - 2 * this.count);
    const missing = Array.from({ length: this.#others.length + 1 - lead.length }, () => 1);
    const whole = this.count === 1 ? mask : broadcastTo(mask, [...lead, ...queries, ...keys]);
    const sizes = [whole.shape.slice(lead.length, lead.length + this.count), whole.shape.slice(lead.length + this.count)];
    return reshape(whole, [...lead, ...missing, ...sizes.map(symbolicSize)]);
  }
}

/** Attention of each head by itself. */
export function attend(
  context: Pick<CallContext, "training" | "key">,
  q: Tensor, // [B,H,T,D]
  k: Tensor, // [B,H,S,D]
  v: Tensor, // [B,H,S,E]
  options: { readonly mask: Tensor | undefined; readonly dropout: number; readonly shown: boolean },
): { output: Tensor; weights: Tensor } {
  const { mask } = options;
  const scores = matmul(mul(q, 1 / Math.sqrt(q.shape.at(-1) as number)), k, { transposeB: true }); // [B,H,T,S]
  const shares = maskedSoftmax(scores, mask);
  // Where weights are seen, dropped or of several axes, Keras gives a row without valid keys weights of 0.
  const weights = mask !== undefined && (options.shown || options.dropout > 0) ? where(mask, shares, 0) : shares;
  const drop = dropMask(context, options.dropout, weights.shape, weights.dtype);
  return { output: matmul(drop === undefined ? weights : mul(weights, drop), v), weights };
}

/** A mask of valid steps, for scores [B,H,T,S]: of queries [B,T] → [B,1,T,1], of keys [B,S] → [B,1,1,S]. */
export function scoreMask(mask: Tensor | undefined, of: "queries" | "keys"): Tensor | undefined {
  if (mask === undefined) return undefined;
  const [batch, steps] = [mask.shape[0]!, mask.shape[1]!];
  return reshape(mask, of === "keys" ? [batch, 1, 1, steps] : [batch, 1, steps, 1]);
}
