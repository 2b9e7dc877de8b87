import { broadcastTo } from "../../ops/shape/broadcastTo.js";
import { expandDims } from "../../ops/shape/reshape.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { needRank, wholeNumber } from "../options.js";

/** Options of {@link repeatVector}. */
export interface RepeatVectorOptions {
  /** How many times, at least 1. */
  readonly n: number;
}

/**
 * A sequence of one vector, n times over.
 *
 * @shape [B,C] → [B,n,C]
 * @example
 * const model = sequential([layers.input([4]), layers.repeatVector({ n: 3 })]);
 */
export const repeatVector: LayerFactory<RepeatVectorOptions> = defineLayer({
  className: "RepeatVector",
  defaults: { n: required<number>() },
  check: (config, where) => ({ n: wholeNumber(where, "n", config.n) }),
  call: ({ config, where }, x) => {
    needRank(where, x.shape, 2, "[batch, channels]");
    return broadcastTo(expandDims(x, 1), [x.shape[0]!, config.n, x.shape[1]!]);
  },
});
