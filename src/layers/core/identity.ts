import { defineLayer, type LayerFactory } from "../define.js";

/**
 * Its input, unchanged.
 *
 * @shape [B,...] → [B,...]
 * @example
 * const model = sequential([layers.input([4]), layers.identity(), layers.dense({ units: 2 })]);
 */
export const identity: LayerFactory<object> = defineLayer({
  className: "Identity",
  defaults: {},
  call: (_context, x) => x,
  mask: "pass",
});
