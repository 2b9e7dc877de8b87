import { div, mul } from "../../ops/elementwise/binary.js";
import { cast } from "../../ops/elementwise/cast.js";
import { max, mean, sum } from "../../ops/reduce/reduce.js";
import { expandDims } from "../../ops/shape/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { oneOf } from "../options.js";
import { DATA_FORMATS, type DataFormat, needSpatial } from "../spatial.js";

/** Options of the global pooling layers. */
export interface GlobalPoolingOptions {
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Whether the spatial axes stay, with size 1. Default false. */
  readonly keepdims?: boolean;
}

/** What a reduction of the spatial axes may look at beside x. */
interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function globalPooling(
  className: string,
  rank: number,
  reduce: (x: Tensor, reduction: Reduction, mask: Tensor | undefined) => Tensor,
): LayerFactory<GlobalPoolingOptions> {
  return defineLayer({
    className,
    // A mean of whole numbers is none; the largest of them stays one.
    inputDType: reduce === max ? "common" : "float32",
    defaults: { dataFormat: "channelsLast" as DataFormat, keepdims: false },
    check: (config, where) => ({ ...config, dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS) }),
    call: ({ config, where, masks }, x): Tensor => {
      needSpatial(where, x.shape, rank, config.dataFormat);
      const first = config.dataFormat === "channelsFirst" ? 2 : 1;
      const axes = Array.from({ length: rank }, (_, i) => first + i);
      return reduce(x, { axes, keepDims: config.keepdims }, masks[0]);
    },
  });
}

/** The mean over the valid steps of each sequence. */
function maskedMean(x: Tensor, reduction: Reduction, mask: Tensor | undefined): Tensor {
  if (mask === undefined) return mean(x, reduction);
  const valid = expandDims(cast(mask, x.dtype), reduction.axes[0] === 1 ? 2 : 1);
  return div(sum(mul(x, valid), reduction), sum(valid, reduction));
}

/**
 * The largest value of each channel over time.
 *
 * @shape [B,T,C] → [B,C]
 * @example
 * const model = sequential([layers.input([16, 3]), layers.globalMaxPooling1d()]);
 */
export const globalMaxPooling1d: LayerFactory<GlobalPoolingOptions> = globalPooling("GlobalMaxPooling1D", 1, max);

/**
 * The largest value of each channel.
 *
 * @shape [B,H,W,C] → [B,C]
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.globalMaxPooling2d()]);
 */
export const globalMaxPooling2d: LayerFactory<GlobalPoolingOptions> = globalPooling("GlobalMaxPooling2D", 2, max);

/**
 * The largest value of each channel of a volume.
 *
 * @shape [B,D,H,W,C] → [B,C]
 * @example
 * const model = sequential([layers.input([4, 8, 8, 1]), layers.globalMaxPooling3d()]);
 */
export const globalMaxPooling3d: LayerFactory<GlobalPoolingOptions> = globalPooling("GlobalMaxPooling3D", 3, max);

/**
 * The mean of each channel over time; masked steps do not count.
 *
 * @shape [B,T,C] → [B,C]
 * @example
 * const model = sequential([layers.input([16, 3]), layers.globalAveragePooling1d()]);
 */
export const globalAveragePooling1d: LayerFactory<GlobalPoolingOptions> = globalPooling("GlobalAveragePooling1D", 1, maskedMean);

/**
 * The mean of each channel.
 *
 * @shape [B,H,W,C] → [B,C]
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.globalAveragePooling2d()]);
 */
export const globalAveragePooling2d: LayerFactory<GlobalPoolingOptions> = globalPooling("GlobalAveragePooling2D", 2, mean);

/**
 * The mean of each channel of a volume.
 *
 * @shape [B,D,H,W,C] → [B,C]
 * @example
 * const model = sequential([layers.input([4, 8, 8, 1]), layers.globalAveragePooling3d()]);
 */
export const globalAveragePooling3d: LayerFactory<GlobalPoolingOptions> = globalPooling("GlobalAveragePooling3D", 3, mean);
