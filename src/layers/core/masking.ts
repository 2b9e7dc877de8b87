import { notEqual } from "../../ops/elementwise/compare.js";
import { where as choose } from "../../ops/elementwise/where.js";
import { any } from "../../ops/reduce/logical.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { needRank, numberWithin } from "../options.js";

/** Options of {@link masking}. */
export interface MaskingOptions {
  /** What all features of a step have that does not count. Default 0. */
  readonly maskValue?: number;
}

/**
 * Marks steps all of whose features are `maskValue` as padding, for the layers that follow, and
 * sets them to 0.
 *
 * @shape [B,T,C] → [B,T,C]
 * @example
 * const model = sequential([layers.input([10, 4]), layers.masking({ maskValue: -1 }), layers.globalAveragePooling1d()]);
 */
export const masking: LayerFactory<MaskingOptions> = defineLayer({
  className: "Masking",
  defaults: { maskValue: 0 },
  check: (config, where) => ({ maskValue: numberWithin(where, "maskValue", config.maskValue, -Infinity, Infinity) }),
  call: ({ config, where }, x) => {
    needRank(where, x.shape, 3, "[batch, steps, channels]");
    return choose(valid(x, config.maskValue, true), x, 0);
  },
  mask: ({ config }, x) => valid(x, config.maskValue, false),
});

/** Which steps have a feature other than the mask's value. */
function valid(x: Tensor, maskValue: number, keepDims: boolean): Tensor {
  return any(notEqual(x, maskValue), { axes: -1, keepDims });
}
