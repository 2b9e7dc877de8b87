import { relu as activation } from "../../activations/index.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { numberWithin } from "../options.js";

/** Options of {@link relu}. */
export interface ReluLayerOptions {
  /** Largest value, at least 0; null for none. Default null. */
  readonly maxValue?: number | null;
  /** Slope below the threshold, at least 0. Default 0. */
  readonly negativeSlope?: number;
  /** Where the unit starts to pass values on, at least 0. Default 0. */
  readonly threshold?: number;
}

/**
 * max(x, 0). With options: x above `threshold`, negativeSlope · (x − threshold) below it, and
 * nothing above `maxValue`.
 *
 * @shape [B,...] → [B,...]
 * @example
 * const model = sequential([layers.input([4]), layers.dense({ units: 8 }), layers.relu({ maxValue: 6 })]);
 */
export const relu: LayerFactory<ReluLayerOptions> = defineLayer({
  className: "ReLU",
  inputDType: "float32",
  defaults: { maxValue: null as number | null, negativeSlope: 0, threshold: 0 },
  check: (config, where) => ({
    maxValue: config.maxValue === null ? null : numberWithin(where, "maxValue", config.maxValue, 0, Infinity),
    negativeSlope: numberWithin(where, "negativeSlope", config.negativeSlope, 0, Infinity),
    threshold: numberWithin(where, "threshold", config.threshold, 0, Infinity),
  }),
  call: ({ config }, x) => activation(x, config),
  mask: "pass",
});
