import { normalize } from "../../ops/reduce/norm.js";
import { defineLayer, type LayerFactory } from "../define.js";

/** Options of {@link unitNormalization}. */
export interface UnitNormalizationOptions {
  /** The axes along which lengths are measured. Default −1. */
  readonly axis?: number | readonly number[];
}

/**
 * Vectors brought to length 1: x / max(‖x‖₂, 1e-12).
 *
 * @shape [B,...,C] → [B,...,C]
 * @example
 * const model = sequential([layers.input([16]), layers.dense({ units: 8 }), layers.unitNormalization()]);
 */
export const unitNormalization: LayerFactory<UnitNormalizationOptions> = defineLayer({
  className: "UnitNormalization",
  inputDType: "float32",
  defaults: { axis: -1 as number | readonly number[] },
  call: ({ config }, x) => normalize(x, { axes: config.axis }),
  mask: "pass",
});
