import { relu } from "../../activations/index.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { numberWithin } from "../options.js";

/** Options of {@link leakyReLU}. */
export interface LeakyReLUOptions {
  /** Slope below 0, at least 0. Default 0.3. */
  readonly negativeSlope?: number;
}

/**
 * x above 0, negativeSlope · x below.
 *
 * @shape [B,...] → [B,...]
 * @example
 * const model = sequential([layers.input([4]), layers.dense({ units: 8 }), layers.leakyReLU({ negativeSlope: 0.1 })]);
 */
export const leakyReLU: LayerFactory<LeakyReLUOptions> = defineLayer({
  className: "LeakyReLU",
  inputDType: "float32",
  defaults: { negativeSlope: 0.3 },
  check: (config, where) => ({ negativeSlope: numberWithin(where, "negativeSlope", config.negativeSlope, 0, Infinity) }),
  call: ({ config }, x) => relu(x, config),
  mask: "pass",
});
