import { elu as activation } from "../../activations/index.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { numberWithin } from "../options.js";

/** Options of {@link elu}. */
export interface EluLayerOptions {
  /** Minus the limit at −∞. Default 1. */
  readonly alpha?: number;
}

/**
 * x above 0, alpha · (eˣ − 1) below.
 *
 * @shape [B,...] → [B,...]
 * @source Clevert, Unterthiner, Hochreiter 2015
 * @example
 * const model = sequential([layers.input([4]), layers.dense({ units: 8 }), layers.elu()]);
 */
export const elu: LayerFactory<EluLayerOptions> = defineLayer({
  className: "ELU",
  inputDType: "float32",
  defaults: { alpha: 1 },
  check: (config, where) => ({ alpha: numberWithin(where, "alpha", config.alpha, -Infinity, Infinity) }),
  call: ({ config }, x) => activation(x, config),
  mask: "pass",
});
