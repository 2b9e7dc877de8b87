import { l1l2 } from "../../regularizers/index.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { penalize } from "../kernel.js";
import { numberWithin } from "../options.js";

/** Options of {@link activityRegularization}. */
export interface ActivityRegularizationOptions {
  /** Factor of Σ |x|, at least 0. Default 0. */
  readonly l1?: number;
  /** Factor of Σ x², at least 0. Default 0. */
  readonly l2?: number;
}

/**
 * Its input unchanged, with a penalty on the loss: (l1 · Σ |x| + l2 · Σ x²) / batch size.
 *
 * @shape [B,...] → [B,...]
 * @example
 * const model = sequential([layers.input([8]), layers.dense({ units: 4 }), layers.activityRegularization({ l2: 1e-3 })]);
 */
export const activityRegularization: LayerFactory<ActivityRegularizationOptions> = defineLayer({
  className: "ActivityRegularization",
  defaults: { l1: 0, l2: 0 },
  check: (config, where) => ({
    l1: numberWithin(where, "l1", config.l1, 0, Infinity),
    l2: numberWithin(where, "l2", config.l2, 0, Infinity),
  }),
  call: (context, x) => {
    penalize(context, l1l2(context.config), x);
    return x;
  },
  mask: "pass",
});
