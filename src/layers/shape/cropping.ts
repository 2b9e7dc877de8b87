import { slice } from "../../ops/shape/slice.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { badOption, knownDim, oneOf } from "../options.js";
import { DATA_FORMATS, type DataFormat, needSpatial } from "../spatial.js";
import { type Sides, type SidesPerAxis, sidesPerAxis } from "./sides.js";

/** Options of {@link cropping1d}, {@link cropping2d} and {@link cropping3d}. */
export interface CroppingOptions<S extends SidesPerAxis> {
  /** Elements cut from each spatial axis: one number, one an axis, or [before, after] an axis. Default 1; in two dimensions 0. */
  readonly cropping?: S;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
}

export type Cropping1dOptions = CroppingOptions<number | Sides>;
export type Cropping2dOptions = CroppingOptions<number | readonly [number, number] | readonly [Sides, Sides]>;
export type Cropping3dOptions = CroppingOptions<number | readonly [number, number, number] | readonly [Sides, Sides, Sides]>;

function cropping(className: string, rank: number): LayerFactory<CroppingOptions<SidesPerAxis>> {
  return defineLayer({
    className,
    defaults: { cropping: (rank === 2 ? 0 : 1) as SidesPerAxis, dataFormat: "channelsLast" as DataFormat },
    check: (config, where) => ({
      cropping: sidesPerAxis(where, "cropping", config.cropping, rank),
      dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
    }),
    call: ({ config, where }, x) => {
      needSpatial(where, x.shape, rank, config.dataFormat);
      const first = config.dataFormat === "channelsFirst" ? 2 : 1;
      const starts = x.shape.map(() => 0);
      const ends = [...x.shape];
      for (const [i, [before, after]] of sidesPerAxis(where, "cropping", config.cropping, rank).entries()) {
        const size = knownDim(where, x.shape, first + i);
        if (before + after >= size) throw badOption(where, "cropping", `less than the ${size} elements of axis ${first + i}`, config.cropping);
        starts[first + i] = before;
        ends[first + i] = size - after;
      }
      return slice(x, starts, ends);
    },
  });
}

/**
 * A sequence without its first and last steps.
 *
 * @shape [B,T,C] → [B,T−before−after,C]
 * @throws BAD_ARGUMENT when nothing would be left
 * @example
 * const model = sequential([layers.input([10, 3]), layers.cropping1d({ cropping: [2, 0] })]);
 */
export const cropping1d: LayerFactory<Cropping1dOptions> = cropping("Cropping1D", 1);

/**
 * Images without their borders.
 *
 * @shape [B,H,W,C] → [B,H−top−bottom,W−left−right,C]
 * @throws BAD_ARGUMENT when nothing would be left
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.cropping2d({ cropping: [[1, 0], [2, 2]] })]);
 */
export const cropping2d: LayerFactory<Cropping2dOptions> = cropping("Cropping2D", 2);

/**
 * Volumes without their borders.
 *
 * @shape [B,D,H,W,C] → [B,D',H',W',C]
 * @throws BAD_ARGUMENT when nothing would be left
 * @example
 * const model = sequential([layers.input([4, 8, 8, 1]), layers.cropping3d({ cropping: 1 })]);
 */
export const cropping3d: LayerFactory<Cropping3dOptions> = cropping("Cropping3D", 3);
