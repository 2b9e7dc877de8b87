import { pad } from "../../ops/shape/pad.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { oneOf } from "../options.js";
import { DATA_FORMATS, type DataFormat, needSpatial } from "../spatial.js";
import { type Sides, type SidesPerAxis, sidesPerAxis } from "./sides.js";

/** Options of {@link zeroPadding1d}, {@link zeroPadding2d} and {@link zeroPadding3d}. */
export interface ZeroPaddingOptions<S extends SidesPerAxis> {
  /** Zeros around each spatial axis: one number, one an axis, or [before, after] an axis. Default 1. */
  readonly padding?: S;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
}

export type ZeroPadding1dOptions = ZeroPaddingOptions<number | Sides>;
export type ZeroPadding2dOptions = ZeroPaddingOptions<number | readonly [number, number] | readonly [Sides, Sides]>;
export type ZeroPadding3dOptions = ZeroPaddingOptions<number | readonly [number, number, number] | readonly [Sides, Sides, Sides]>;

function zeroPadding(className: string, rank: number): LayerFactory<ZeroPaddingOptions<SidesPerAxis>> {
  return defineLayer({
    className,
    defaults: { padding: 1 as SidesPerAxis, dataFormat: "channelsLast" as DataFormat },
    check: (config, where) => ({
      padding: sidesPerAxis(where, "padding", config.padding, rank),
      dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
    }),
    call: ({ config, where }, x) => {
      needSpatial(where, x.shape, rank, config.dataFormat);
      const sides = sidesPerAxis(where, "padding", config.padding, rank);
      const none: Sides = [0, 0];
      return pad(x, config.dataFormat === "channelsFirst" ? [none, none, ...sides] : [none, ...sides, none]);
    },
  });
}

/**
 * Zeros before and after a sequence.
 *
 * @shape [B,T,C] → [B,before+T+after,C]
 * @example
 * const model = sequential([layers.input([10, 3]), layers.zeroPadding1d({ padding: [2, 0] })]);
 */
export const zeroPadding1d: LayerFactory<ZeroPadding1dOptions> = zeroPadding("ZeroPadding1D", 1);

/**
 * Zeros around images.
 *
 * @shape [B,H,W,C] → [B,top+H+bottom,left+W+right,C]
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.zeroPadding2d({ padding: [[1, 0], [2, 2]] })]);
 */
export const zeroPadding2d: LayerFactory<ZeroPadding2dOptions> = zeroPadding("ZeroPadding2D", 2);

/**
 * Zeros around volumes.
 *
 * @shape [B,D,H,W,C] → [B,D',H',W',C]
 * @example
 * const model = sequential([layers.input([4, 8, 8, 1]), layers.zeroPadding3d({ padding: 1 })]);
 */
export const zeroPadding3d: LayerFactory<ZeroPadding3dOptions> = zeroPadding("ZeroPadding3D", 3);
