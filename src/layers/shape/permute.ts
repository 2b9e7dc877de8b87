import { transpose } from "../../ops/shape/transpose.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { badOption, needRank } from "../options.js";

/** Options of {@link permute}. */
export interface PermuteOptions {
  /** For each axis of the output the axis of the input, counted from 1: the batch axis stays first. */
  readonly dims: readonly number[];
}

/**
 * The axes of each sample in another order.
 *
 * @shape [B,S,T] → [B,T,S] for the dims [2, 1]
 * @example
 * const model = sequential([layers.input([10, 64]), layers.permute({ dims: [2, 1] })]);
 */
export const permute: LayerFactory<PermuteOptions> = defineLayer({
  className: "Permute",
  defaults: { dims: required<readonly number[]>() },
  check: (config, where) => {
    const { dims } = config;
    const complete = Array.isArray(dims) && dims.every((_, i) => dims.includes(i + 1));
    if (!complete || dims.length === 0) throw badOption(where, "dims", "each of the numbers 1, 2, … once", dims);
    return config;
  },
  call: ({ config, where }, x) => {
    needRank(where, x.shape, config.dims.length + 1, `for dims [${config.dims.join(", ")}]`);
    return transpose(x, [0, ...config.dims]);
  },
});
