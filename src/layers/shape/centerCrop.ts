import { resize } from "../../ops/image/resize.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { knownDim, oneOf, wholeNumber } from "../options.js";
import { DATA_FORMATS, type DataFormat, needSpatial } from "../spatial.js";
import { cropToAspect, cutMiddle } from "./resizing.js";

/** Options of {@link centerCrop}. */
export interface CenterCropOptions {
  /** Pixels, at least 1. */
  readonly height: number;
  /** Pixels, at least 1. */
  readonly width: number;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
}

/**
 * The middle of images. Where an image is too small, its largest middle part of the same
 * proportions is enlarged bilinearly.
 *
 * @shape [B,H,W,C] → [B,height,width,C]
 * @example
 * const model = sequential([layers.input([30, 40, 3]), layers.centerCrop({ height: 24, width: 24 })]);
 */
export const centerCrop: LayerFactory<CenterCropOptions> = defineLayer({
  className: "CenterCrop",
  inputDType: "float32",
  defaults: { height: required<number>(), width: required<number>(), dataFormat: "channelsLast" as DataFormat },
  check: (config, where) => ({
    height: wholeNumber(where, "height", config.height),
    width: wholeNumber(where, "width", config.width),
    dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
  }),
  call: ({ config, where }, x) => {
    needSpatial(where, x.shape, 2, config.dataFormat);
    const first = config.dataFormat === "channelsFirst" ? 2 : 1;
    const size = [config.height, config.width] as const;
    const spare = size.map((kept, i) => knownDim(where, x.shape, first + i) - kept);
    if (spare.every((n) => n >= 0)) return cutMiddle(x, first, spare.map((n) => Math.floor(n / 2)), size);
    return resize(cropToAspect(x, { where, size, first }), size, { axes: [first, first + 1] });
  },
});
