import { mul } from "../../ops/elementwise/binary.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { dropMask } from "../dropMask.js";
import { needRank, numberWithin } from "../options.js";

/** Options of {@link dropout}. */
export interface DropoutOptions {
  /** Share of elements set to zero while training, from 0 to under 1. */
  readonly rate: number;
  /** Shape of the mask, null for the input's own size; an axis of 1 drops whole slices. Default: the input's. */
  readonly noiseShape?: readonly (number | null)[] | null;
  /** Not used: randomness follows from the seed of `fit` and the layer's path. Kept for Keras's files. */
  readonly seed?: number | null;
}

/**
 * While training, sets elements to zero at random and scales the rest: y = x · mask / (1 − rate).
 * Otherwise the identity.
 *
 * @shape [B,...] → [B,...]
 * @throws BAD_ARGUMENT when rate is not in [0, 1)
 * @source Srivastava et al. 2014
 * @example
 * const model = sequential([layers.input([64]), layers.dropout({ rate: 0.3 }), layers.dense({ units: 10 })]);
 */
export const dropout: LayerFactory<DropoutOptions> = defineLayer({
  className: "Dropout",
  defaults: {
    rate: required<number>(),
    noiseShape: null as readonly (number | null)[] | null,
    seed: null as number | null,
  },
  check: (config, where) => ({ ...config, rate: numberWithin(where, "rate", config.rate, 0, 1, true) }),
  call: ({ config, where, training, key }, x) => {
    if (config.noiseShape !== null) needRank(where, x.shape, config.noiseShape.length, "like noiseShape");
    const mask = dropMask({ training, key }, config.rate, noiseShapeFor(x, config.noiseShape), x.dtype);
    return mask === undefined ? x : mul(x, mask);
  },
  mask: "pass",
});

/** The shape of a mask over x: an axis of null has the input's size. */
export function noiseShapeFor(x: Tensor, noiseShape: DropoutOptions["noiseShape"]): Shape {
  return x.shape.map((dim, i) => noiseShape?.[i] ?? dim);
}
