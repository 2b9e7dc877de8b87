import { NacreError } from "../../error.js";
import { add as addOp } from "../../ops/elementwise/binary.js";
import { logicalAnd, logicalOr } from "../../ops/elementwise/compare.js";
import { concat } from "../../ops/shape/concat.js";
import { full } from "../../ops/shape/fill.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { CallContext } from "../definition.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { badOption } from "../options.js";

/** Refuses a merge of fewer than two inputs. */
function needTwo(where: string, inputs: readonly Tensor[]): void {
  if (inputs.length >= 2) return;
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: "a list of at least two inputs",
    received: String(inputs.length),
    fix: "call it with a list, as in layers.add()([a, b])",
  });
}

/** A step of a merged sequence is valid where it is valid in any input. */
function mergedMask({ masks }: CallContext): Tensor | undefined {
  const given = masks.filter((mask) => mask !== undefined);
  return given.length < masks.length || given.length === 0 ? undefined : given.reduce((a, b) => logicalOr(a, b));
}

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
export const add: LayerFactory<object> = defineLayer({
  className: "Add",
  defaults: {},
  call: ({ where }, ...inputs) => {
    needTwo(where, inputs);
    return inputs.reduce((a, b) => addOp(a, b));
  },
  mask: mergedMask,
});

/** Options of {@link concatenate}. */
export interface ConcatenateOptions {
  /** The axis that grows, not the batch axis. Default −1. */
  readonly axis?: number;
}

/**
 * Its inputs joined along an axis; the other axes must be equal.
 *
 * @shape [B,...,C], [B,...,D] → [B,...,C+D]
 * @throws SHAPE_MISMATCH when other axes differ
 * @example
 * const a = layers.input([3]);
 * const b = layers.input([2]);
 * const model = new Model({ inputs: [a, b], outputs: layers.concatenate()([a, b]) });
 */
export const concatenate: LayerFactory<ConcatenateOptions> = defineLayer({
  className: "Concatenate",
  defaults: { axis: -1 },
  call: ({ config, where }, ...inputs) => {
    needTwo(where, inputs);
    if (normalizeAxis(config.axis, inputs[0]!.rank, where) === 0) {
      throw badOption(where, "axis", "another axis than the batch's", config.axis);
    }
    return concat(inputs, config.axis);
  },
  mask: ({ config, masks, where }, ...inputs) => {
    const given = masks.filter((mask) => mask !== undefined);
    if (given.length === 0) return undefined;
    // Joined along time, masks are joined too; joined along features, a step is valid where all are.
    if (normalizeAxis(config.axis, inputs[0]!.rank, where) > 1) return given.reduce((a, b) => logicalAnd(a, b));
    return concat(inputs.map((x, i) => masks[i] ?? full(x.shape.slice(0, 2), 1, "bool")), 1);
  },
});
