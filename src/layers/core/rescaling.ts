import { add, mul } from "../../ops/elementwise/binary.js";
import { constant } from "../../ops/elementwise/literal.js";
import { dataTensor, type NestedNumbers } from "../../tensor/convert.js";
import type { TypedArray } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { badOption } from "../options.js";

type Numbers = number | readonly NestedNumbers[];

/** Options of {@link rescaling}. */
export interface RescalingOptions {
  /** Factor, such as 1 / 255, or an array of them that broadcasts, such as one for each channel. */
  readonly scale: Numbers;
  /** Added after scaling: a number or an array. Default 0. */
  readonly offset?: Numbers;
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
  inputDType: "float32",
  defaults: { scale: required<Numbers>(), offset: 0 as Numbers },
  check: (config, where) => {
    for (const option of ["scale", "offset"] as const) {
      const value = config[option];
      if (typeof value !== "number" && !Array.isArray(value)) throw badOption(where, option, "a number, or an array of numbers", value);
    }
    return config;
  },
  call: ({ config: { scale, offset } }, x) => add(mul(x, factor(scale, x)), factor(offset, x)),
  mask: "pass",
});

function factor(value: Numbers, { dtype }: Tensor): Tensor | number {
  if (typeof value === "number") return value;
  const { value: data, shape } = dataTensor(value, dtype);
  return constant(data as TypedArray, shape as number[], dtype);
}
