import { resize } from "../../ops/image/resize.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { knownDim, oneOf } from "../options.js";
import { DATA_FORMATS, type DataFormat, needSpatial, type Pair, type PerAxis, perAxis, type Single, type Triple, wholePerAxis } from "../spatial.js";
import { type Interpolation, INTERPOLATIONS } from "./resizing.js";

/** Options of {@link upSampling1d}, {@link upSampling2d} and {@link upSampling3d}. */
export interface UpSamplingOptions<S extends PerAxis> {
  /** By how much each spatial axis grows. Default 2. */
  readonly size?: S;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Default nearest: each element repeated. */
  readonly interpolation?: Interpolation;
}

export type UpSampling1dOptions = UpSamplingOptions<Single>;
export type UpSampling2dOptions = UpSamplingOptions<Pair>;
export type UpSampling3dOptions = UpSamplingOptions<Triple>;

function upSampling(className: string, rank: number): LayerFactory<UpSamplingOptions<PerAxis>> {
  return defineLayer({
    className,
    defaults: { size: 2 as PerAxis, dataFormat: "channelsLast" as DataFormat, interpolation: "nearest" as Interpolation },
    check: (config, where) => ({
      size: wholePerAxis(where, "size", config.size, rank),
      dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
      interpolation: oneOf(where, "interpolation", config.interpolation, INTERPOLATIONS),
    }),
    call: ({ config, where }, x) => {
      needSpatial(where, x.shape, rank, config.dataFormat);
      const first = config.dataFormat === "channelsFirst" ? 2 : 1;
      const factors = perAxis(config.size, rank);
      const axes = factors.map((_, i) => first + i);
      const sizes = factors.map((factor, i) => factor * knownDim(where, x.shape, first + i));
      return resize(x, sizes, { axes, method: config.interpolation });
    },
  });
}

/**
 * A longer sequence: each step repeated, or interpolated.
 *
 * @shape [B,T,C] → [B,T·size,C]
 * @example
 * const model = sequential([layers.input([10, 3]), layers.upSampling1d({ size: 2 })]);
 */
export const upSampling1d: LayerFactory<UpSampling1dOptions> = upSampling("UpSampling1D", 1);

/**
 * Larger images: each pixel repeated, or interpolated.
 *
 * @shape [B,H,W,C] → [B,H·size₀,W·size₁,C]
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.upSampling2d({ size: 2, interpolation: "bilinear" })]);
 */
export const upSampling2d: LayerFactory<UpSampling2dOptions> = upSampling("UpSampling2D", 2);

/**
 * Larger volumes: each element repeated, or interpolated.
 *
 * @shape [B,D,H,W,C] → [B,D·size₀,H·size₁,W·size₂,C]
 * @example
 * const model = sequential([layers.input([4, 8, 8, 1]), layers.upSampling3d({ size: [1, 2, 2] })]);
 */
export const upSampling3d: LayerFactory<UpSampling3dOptions> = upSampling("UpSampling3D", 3);
