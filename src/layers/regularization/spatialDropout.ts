import { mul } from "../../ops/elementwise/binary.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { dropMask } from "../dropMask.js";
import { numberWithin, oneOf } from "../options.js";
import { channelAxis, DATA_FORMATS, type DataFormat, needSpatial } from "../spatial.js";

/** Options of {@link spatialDropout1d}, {@link spatialDropout2d} and {@link spatialDropout3d}. */
export interface SpatialDropoutOptions {
  /** Share of channels set to zero while training, from 0 to under 1. */
  readonly rate: number;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Not used: randomness follows from the seed of `fit` and the layer's path. Kept for Keras's files. */
  readonly seed?: number | null;
}

function spatialDropout(className: string, rank: number): LayerFactory<SpatialDropoutOptions> {
  return defineLayer({
    className,
    defaults: { rate: required<number>(), dataFormat: "channelsLast" as DataFormat, seed: null as number | null },
    check: (config, where) => ({
      ...config,
      rate: numberWithin(where, "rate", config.rate, 0, 1, true),
      dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
    }),
    call: ({ config, where, training, key }, x) => {
      needSpatial(where, x.shape, rank, config.dataFormat);
      const channels = (channelAxis(config.dataFormat) + x.rank) % x.rank;
      const shape = x.shape.map((dim, i) => (i === 0 || i === channels ? dim : 1));
      const mask = dropMask({ training, key }, config.rate, shape, x.dtype);
      return mask === undefined ? x : mul(x, mask);
    },
    mask: "pass",
  });
}

/**
 * While training, sets whole channels of sequences to zero at random and scales the rest by
 * 1 / (1 − rate). Otherwise the identity.
 *
 * @shape [B,T,C] → [B,T,C]
 * @throws BAD_ARGUMENT when rate is not in [0, 1)
 * @example
 * const model = sequential([layers.input([16, 8]), layers.spatialDropout1d({ rate: 0.2 }), layers.flatten()]);
 */
export const spatialDropout1d: LayerFactory<SpatialDropoutOptions> = spatialDropout("SpatialDropout1D", 1);

/**
 * While training, sets whole channels of images to zero at random and scales the rest by
 * 1 / (1 − rate). Otherwise the identity.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when rate is not in [0, 1)
 * @source Tompson et al. 2014
 * @example
 * const model = sequential([layers.input([8, 8, 4]), layers.spatialDropout2d({ rate: 0.2 }), layers.flatten()]);
 */
export const spatialDropout2d: LayerFactory<SpatialDropoutOptions> = spatialDropout("SpatialDropout2D", 2);

/**
 * While training, sets whole channels of volumes to zero at random and scales the rest by
 * 1 / (1 − rate). Otherwise the identity.
 *
 * @shape [B,D,H,W,C] → [B,D,H,W,C]
 * @throws BAD_ARGUMENT when rate is not in [0, 1)
 * @example
 * const model = sequential([layers.input([4, 8, 8, 2]), layers.spatialDropout3d({ rate: 0.2 }), layers.flatten()]);
 */
export const spatialDropout3d: LayerFactory<SpatialDropoutOptions> = spatialDropout("SpatialDropout3D", 3);
