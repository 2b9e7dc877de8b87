import { add, mul } from "../../ops/elementwise/binary.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { badOption } from "../options.js";

/** Options of {@link rescaling}. */
export interface RescalingOptions {
  /** Factor, such as 1 / 255. */
  readonly scale: number;
  /** Added after scaling. Default 0. */
  readonly offset?: number;
}

/**
 * Fixed scaling: x · scale + offset.
 *
 * @shape [B,...] → [B,...]
 * @example
 * const model = sequential([layers.input([8, 8, 1]), layers.rescaling({ scale: 1 / 16 })]);
 */
export const rescaling: LayerFactory<RescalingOptions> = defineLayer({
  className: "Rescaling",
  defaults: { scale: required<number>(), offset: 0 },
  check: (config, where) => {
    if (typeof config.scale !== "number") throw badOption(where, "scale", "a number", config.scale);
    return config;
  },
  call: ({ config }, x) => add(mul(x, config.scale), config.offset),
  mask: "pass",
});
