import { reshape as reshapeOp } from "../../ops/shape/reshape.js";
import { divDims } from "../../tensor/dim.js";
import { symbolicSize } from "../../tensor/shape.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { badOption } from "../options.js";

/** Options of {@link reshape}. */
export interface ReshapeOptions {
  /** The new shape without the batch axis; one dimension may be −1. */
  readonly targetShape: readonly number[];
}

/**
 * The same elements of each sample in another shape.
 *
 * @shape [B,...] → [B, ...targetShape]
 * @throws SHAPE_MISMATCH when the numbers of elements differ
 * @example
 * const model = sequential([layers.input([64]), layers.reshape({ targetShape: [8, 8, 1] })]);
 */
export const reshape: LayerFactory<ReshapeOptions> = defineLayer({
  className: "Reshape",
  defaults: { targetShape: required<readonly number[]>() },
  check: (config, where) => {
    const { targetShape } = config;
    const right = Array.isArray(targetShape) && targetShape.every((dim) => Number.isInteger(dim) && (dim >= 1 || dim === -1));
    if (!right || targetShape.filter((dim) => dim === -1).length > 1) {
      throw badOption(where, "targetShape", "whole numbers of at least 1, and at most one −1", targetShape);
    }
    return config;
  },
  call: ({ config }, x) => {
    const known = config.targetShape.filter((dim) => dim !== -1).reduce((a, b) => a * b, 1);
    const rest = divDims(symbolicSize(x.shape.slice(1)), known) ?? -1;
    return reshapeOp(x, [x.shape[0]!, ...config.targetShape.map((dim) => (dim === -1 ? rest : dim))]);
  },
});
