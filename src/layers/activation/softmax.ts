import { softmax as activation } from "../../activations/index.js";
import { sub } from "../../ops/elementwise/binary.js";
import { exp } from "../../ops/elementwise/unary.js";
import { where as choose } from "../../ops/elementwise/where.js";
import { logSumExp } from "../../ops/reduce/derived.js";
import { reshape } from "../../ops/shape/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory } from "../define.js";

/** Options of {@link softmax}. */
export interface SoftmaxLayerOptions {
  /** The axes over which the result sums to 1. Default −1. */
  readonly axis?: number | readonly number[];
}

/** What a masked element counts as: its exponential is 0. */
const MASKED = -1e9;

/**
 * eˣ / Σ eˣ over an axis or several. Masked steps get 0, and the others share the whole.
 *
 * @shape [B,...,C] → [B,...,C]
 * @example
 * const model = sequential([layers.input([4]), layers.dense({ units: 3 }), layers.softmax()]);
 */
export const softmax: LayerFactory<SoftmaxLayerOptions> = defineLayer({
  className: "Softmax",
  inputDType: "float32",
  defaults: { axis: -1 as number | readonly number[] },
  call: ({ config, masks: [mask] }, x) => {
    if (mask === undefined) return shares(x, config.axis);
    // A mask of steps holds for all that follows the time axis.
    const valid = mask.rank < x.rank ? reshape(mask, [...mask.shape, ...x.shape.slice(mask.rank).map(() => 1)]) : mask;
    return choose(valid, shares(choose(valid, x, MASKED), config.axis), 0);
  },
  mask: "pass",
});

function shares(x: Tensor, axis: number | readonly number[]): Tensor {
  if (typeof axis === "number") return activation(x, { axis });
  if (axis.length === 1) return activation(x, { axis: axis[0]! });
  return exp(sub(x, logSumExp(x, { axes: axis, keepDims: true })));
}
