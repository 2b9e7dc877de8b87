import { resize } from "../../ops/image/resize.js";
import { pad, type Paddings } from "../../ops/shape/pad.js";
import { slice } from "../../ops/shape/slice.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { badOption, knownDim, oneOf, wholeNumber } from "../options.js";
import { DATA_FORMATS, type DataFormat, needSpatial } from "../spatial.js";

/** How pixels between pixels are found: the nearest one, or a weighted sum of two, four, six or ten on each axis. */
export type Interpolation = "nearest" | "bilinear" | "bicubic" | "lanczos3" | "lanczos5";

export const INTERPOLATIONS: readonly Interpolation[] = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"];

/** Options of {@link resizing}. */
export interface ResizingOptions {
  /** Pixels, at least 1. */
  readonly height: number;
  /** Pixels, at least 1. */
  readonly width: number;
  /** Default bilinear. */
  readonly interpolation?: Interpolation;
  /** Whether the middle of the image is cut out in the new proportions first. Default false. */
  readonly cropToAspectRatio?: boolean;
  /** Whether the image is brought to the new proportions by a border first. Default false. */
  readonly padToAspectRatio?: boolean;
  /** Default constant, the only one there is. */
  readonly fillMode?: "constant";
  /** The value of the border. Default 0. */
  readonly fillValue?: number;
  /** Whether shrinking averages over all pixels that fall together. Default false. */
  readonly antialias?: boolean;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
}

/**
 * Images of another size.
 *
 * @shape [B,H,W,C] → [B,height,width,C]
 * @example
 * const model = sequential([layers.input([30, 40, 3]), layers.resizing({ height: 24, width: 24, cropToAspectRatio: true })]);
 */
export const resizing: LayerFactory<ResizingOptions> = defineLayer({
  className: "Resizing",
  defaults: {
    height: required<number>(),
    width: required<number>(),
    interpolation: "bilinear" as Interpolation,
    cropToAspectRatio: false,
    padToAspectRatio: false,
    fillMode: "constant" as const,
    fillValue: 0,
    antialias: false,
    dataFormat: "channelsLast" as DataFormat,
  },
  check: (config, where) => {
    if (config.cropToAspectRatio && config.padToAspectRatio) {
      throw badOption(where, "padToAspectRatio", "false where cropToAspectRatio is true", true);
    }
    return {
      ...config,
      height: wholeNumber(where, "height", config.height),
      width: wholeNumber(where, "width", config.width),
      interpolation: oneOf(where, "interpolation", config.interpolation, INTERPOLATIONS),
      fillMode: oneOf(where, "fillMode", config.fillMode, ["constant"]),
      dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
    };
  },
  call: ({ config, where }, x) => {
    needSpatial(where, x.shape, 2, config.dataFormat);
    const frame: Frame = { where, size: [config.height, config.width], first: config.dataFormat === "channelsFirst" ? 2 : 1 };
    const shaped = config.cropToAspectRatio ? cropToAspect(x, frame) : config.padToAspectRatio ? padToAspect(x, frame, config.fillValue) : x;
    const { interpolation: method, antialias } = config;
    return resize(shaped, frame.size, { axes: [frame.first, frame.first + 1], method, antialias: antialias && method !== "nearest" });
  },
});

/** The size that an image shall get, and which axis is its height. */
export interface Frame {
  readonly where: string;
  readonly size: readonly [height: number, width: number];
  readonly first: number;
}

/** The largest middle part of x that has the proportions of the new size. */
export function cropToAspect(x: Tensor, frame: Frame): Tensor {
  const sizes = sizesInAspect(x, frame).map(([size, fitting]) => [size, Math.max(1, Math.min(size, fitting))] as const);
  return cutMiddle(x, frame.first, sizes.map(([size, kept]) => Math.floor((size - kept) / 2)), sizes.map(([, kept]) => kept));
}

/** x with a border that gives it the proportions of the new size. */
function padToAspect(x: Tensor, frame: Frame, value: number): Tensor {
  const paddings: Paddings = x.shape.map((_, axis) => {
    const [size, fitting] = sizesInAspect(x, frame)[axis - frame.first] ?? [0, 0];
    const border = Math.floor(Math.max(0, fitting - size) / 2);
    return [border, border];
  });
  return pad(x, paddings, value);
}

/** `sizes` elements of two neighbouring axes, from `starts` on. */
export function cutMiddle(x: Tensor, first: number, starts: readonly number[], sizes: readonly number[]): Tensor {
  const from = x.shape.map((_, axis) => starts[axis - first] ?? 0);
  return slice(x, from, x.shape.map((dim, axis) => (sizes[axis - first] === undefined ? dim : from[axis]! + sizes[axis - first]!)));
}

/** For height and width: its size, and the one that would fit the other in the new proportions. */
function sizesInAspect(x: Tensor, { where, size: [toHeight, toWidth], first }: Frame): readonly (readonly [size: number, fitting: number])[] {
  const [height, width] = [knownDim(where, x.shape, first), knownDim(where, x.shape, first + 1)];
  return [
    [height, Math.floor((width * toHeight) / toWidth)],
    [width, Math.floor((height * toWidth) / toHeight)],
  ];
}
