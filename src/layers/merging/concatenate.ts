import { logicalAnd } from "../../ops/elementwise/compare.js";
import { concat } from "../../ops/shape/concat.js";
import { full } from "../../ops/shape/fill.js";
import { normalizeAxis } from "../../tensor/shape.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { badOption } from "../options.js";
import { needTwo } from "./inputs.js";

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
  inputDType: "common",
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
