import {
  add as addOp,
  maximum as maximumOp,
  minimum as minimumOp,
  mul as mulOp,
  sub as subOp,
} from "../../ops/elementwise/binary.js";
import { logicalOr } from "../../ops/elementwise/compare.js";
import { where as choose } from "../../ops/elementwise/where.js";
import { reshape } from "../../ops/shape/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { CallContext } from "../definition.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { needTwo } from "./inputs.js";

type Masks = CallContext["masks"];

/** A step of a merged sequence is valid where it is valid in any input; nowhere masked if an input has no mask. */
function mergedMask({ masks }: Pick<CallContext, "masks">): Tensor | undefined {
  return masks.reduce((a, b) => (a === undefined || b === undefined ? undefined : logicalOr(a, b)));
}

/** Inputs with fewer axes get new ones after the batch axis, so that they broadcast sample by sample. */
function sameRank(inputs: readonly Tensor[]): readonly Tensor[] {
  const rank = Math.max(...inputs.map((x) => x.rank));
  return inputs.map((x) => {
    const missing = Array.from({ length: rank - x.rank }, () => 1);
    return reshape(x, [x.shape[0]!, ...missing, ...x.shape.slice(1)]);
  });
}

function merge(
  className: string,
  merged: (inputs: readonly Tensor[], masks: Masks) => Tensor,
  { exactlyTwo = false, inputDType = "common" as "common" | "float32" } = {},
): LayerFactory<object> {
  return defineLayer({
    className,
    inputDType,
    defaults: {},
    call: ({ where, masks }, ...inputs) => {
      needTwo(where, inputs, exactlyTwo);
      return merged(sameRank(inputs), masks);
    },
    mask: mergedMask,
  });
}

/** A mask of steps over all that follows the time axis of x. */
function along(mask: Tensor, x: Tensor): Tensor {
  return reshape(mask, x.shape.map((dim, i) => (i < mask.rank ? dim : 1)));
}

/** The extremum of valid values: at a masked step an input takes what the others give. */
function extremum(op: typeof maximumOp): (inputs: readonly Tensor[], masks: Masks) => Tensor {
  return ([first, ...rest], masks) => {
    let [best, bestMask] = [first!, masks[0]];
    for (const [i, x] of rest.entries()) {
      const mask = masks[i + 1];
      const value = mask === undefined ? x : choose(along(mask, x), x, best);
      const other = bestMask === undefined ? best : choose(along(bestMask, best), best, value);
      bestMask = mask && bestMask && logicalOr(mask, bestMask);
      best = op(other, value);
    }
    return best;
  };
}

/** The product of valid values: an input counts as 1 at a masked step, and where none is valid the product is 0. */
function product(inputs: readonly Tensor[], masks: Masks): Tensor {
  const factors = inputs.map((x, i) => (masks[i] === undefined ? x : choose(along(masks[i], x), x, 1)));
  const all = factors.reduce((a, b) => mulOp(a, b));
  const valid = mergedMask({ masks });
  return valid === undefined ? all : choose(along(valid, all), all, 0);
}

const sum = (inputs: readonly Tensor[]): Tensor => inputs.reduce((a, b) => addOp(a, b));

/**
 * The sum of its inputs, broadcast.
 *
 * @shape [B,...], [B,...] → [B,...]
 * @throws SHAPE_MISMATCH when the shapes do not broadcast
 * @example
 * const x = layers.input([8]);
 * const h = layers.dense({ units: 8 })(x);
 * const model = new Model({ inputs: x, outputs: layers.add()([h, x]) });
 */
export const add: LayerFactory<object> = merge("Add", sum);

/**
 * The first of two inputs less the second, broadcast.
 *
 * @shape [B,...], [B,...] → [B,...]
 * @throws BAD_ARGUMENT when there are not two inputs
 * @throws SHAPE_MISMATCH when the shapes do not broadcast
 * @example
 * const x = layers.input([8]);
 * const h = layers.dense({ units: 8 })(x);
 * const model = new Model({ inputs: x, outputs: layers.subtract()([h, x]) });
 */
export const subtract: LayerFactory<object> = merge("Subtract", ([a, b]) => subOp(a!, b!), { exactlyTwo: true });

/**
 * The product of its inputs, broadcast; masked steps do not count.
 *
 * @shape [B,...], [B,...] → [B,...]
 * @throws SHAPE_MISMATCH when the shapes do not broadcast
 * @example
 * const x = layers.input([8]);
 * const gate = layers.dense({ units: 8, activation: "sigmoid" })(x);
 * const model = new Model({ inputs: x, outputs: layers.multiply()([gate, x]) });
 */
export const multiply: LayerFactory<object> = merge("Multiply", product);

/**
 * The mean of its inputs, broadcast.
 *
 * @shape [B,...], [B,...] → [B,...]
 * @throws SHAPE_MISMATCH when the shapes do not broadcast
 * @example
 * const x = layers.input([8]);
 * const experts = [1, 2, 3].map(() => layers.dense({ units: 2 })(x));
 * const model = new Model({ inputs: x, outputs: layers.average()(experts) });
 */
export const average: LayerFactory<object> = merge("Average", (inputs) => mulOp(sum(inputs), 1 / inputs.length), { inputDType: "float32" });

/**
 * The largest of its inputs at each place, broadcast; masked steps do not count.
 *
 * @shape [B,...], [B,...] → [B,...]
 * @throws SHAPE_MISMATCH when the shapes do not broadcast
 * @example
 * const x = layers.input([8]);
 * const pieces = [1, 2, 3].map(() => layers.dense({ units: 4 })(x));
 * const model = new Model({ inputs: x, outputs: layers.maximum()(pieces) });
 */
export const maximum: LayerFactory<object> = merge("Maximum", extremum(maximumOp));

/**
 * The smallest of its inputs at each place, broadcast; masked steps do not count.
 *
 * @shape [B,...], [B,...] → [B,...]
 * @throws SHAPE_MISMATCH when the shapes do not broadcast
 * @example
 * const x = layers.input([8]);
 * const pieces = [1, 2, 3].map(() => layers.dense({ units: 4 })(x));
 * const model = new Model({ inputs: x, outputs: layers.minimum()(pieces) });
 */
export const minimum: LayerFactory<object> = merge("Minimum", extremum(minimumOp));
