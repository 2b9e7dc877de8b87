import { adaptiveAveragePool, adaptiveMaxPool } from "../../ops/nn/adaptivePool.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { oneOf } from "../options.js";
import {
  channelsToBack,
  channelsToFront,
  DATA_FORMATS,
  type DataFormat,
  needSpatial,
  type Pair,
  type PerAxis,
  type Single,
  type Triple,
  wholePerAxis,
} from "../spatial.js";

/** Options of the adaptive pooling layers. */
export interface AdaptivePoolingOptions<S extends PerAxis> {
  /** Size of the output on each spatial axis. */
  readonly outputSize: S;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
}

export type AdaptivePooling1dOptions = AdaptivePoolingOptions<Single>;
export type AdaptivePooling2dOptions = AdaptivePoolingOptions<Pair>;
export type AdaptivePooling3dOptions = AdaptivePoolingOptions<Triple>;

function adaptive(className: string, rank: number, op: typeof adaptiveMaxPool): LayerFactory<AdaptivePoolingOptions<PerAxis>> {
  return defineLayer({
    className,
    inputDType: "float32",
    defaults: { outputSize: required<PerAxis>(), dataFormat: "channelsLast" as DataFormat },
    check: (config, where) => ({
      outputSize: wholePerAxis(where, "outputSize", config.outputSize, rank),
      dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
    }),
    call: ({ config, where }, x) => {
      needSpatial(where, x.shape, rank, config.dataFormat);
      return channelsToBack(op(channelsToFront(x, config.dataFormat), config.outputSize), config.dataFormat);
    },
  });
}

/**
 * The largest values of `outputSize` windows that cover time: window i goes from ⌊i·T/n⌋ up to
 * ⌈(i+1)·T/n⌉.
 *
 * @shape [B,T,C] → [B,outputSize,C]
 * @example
 * const model = sequential([layers.input([10, 3]), layers.adaptiveMaxPooling1d({ outputSize: 4 })]);
 */
export const adaptiveMaxPooling1d: LayerFactory<AdaptivePooling1dOptions> = adaptive("AdaptiveMaxPooling1D", 1, adaptiveMaxPool);

/**
 * The largest values of windows that cover the image, as many as `outputSize` says; on each axis
 * window i goes from ⌊i·S/n⌋ up to ⌈(i+1)·S/n⌉.
 *
 * @shape [B,H,W,C] → [B,...outputSize,C]
 * @example
 * const model = sequential([layers.input([7, 9, 3]), layers.adaptiveMaxPooling2d({ outputSize: [2, 3] })]);
 */
export const adaptiveMaxPooling2d: LayerFactory<AdaptivePooling2dOptions> = adaptive("AdaptiveMaxPooling2D", 2, adaptiveMaxPool);

/**
 * The largest values of windows that cover the volume, as many as `outputSize` says; on each axis
 * window i goes from ⌊i·S/n⌋ up to ⌈(i+1)·S/n⌉.
 *
 * @shape [B,D,H,W,C] → [B,...outputSize,C]
 * @example
 * const model = sequential([layers.input([4, 7, 9, 1]), layers.adaptiveMaxPooling3d({ outputSize: [2, 3, 3] })]);
 */
export const adaptiveMaxPooling3d: LayerFactory<AdaptivePooling3dOptions> = adaptive("AdaptiveMaxPooling3D", 3, adaptiveMaxPool);

/**
 * The means of `outputSize` windows that cover time: window i goes from ⌊i·T/n⌋ up to ⌈(i+1)·T/n⌉.
 *
 * @shape [B,T,C] → [B,outputSize,C]
 * @example
 * const model = sequential([layers.input([10, 3]), layers.adaptiveAveragePooling1d({ outputSize: 4 })]);
 */
export const adaptiveAveragePooling1d: LayerFactory<AdaptivePooling1dOptions> = adaptive("AdaptiveAveragePooling1D", 1, adaptiveAveragePool);

/**
 * The means of windows that cover the image, as many as `outputSize` says; on each axis window i
 * goes from ⌊i·S/n⌋ up to ⌈(i+1)·S/n⌉.
 *
 * @shape [B,H,W,C] → [B,...outputSize,C]
 * @example
 * const model = sequential([layers.input([7, 9, 3]), layers.adaptiveAveragePooling2d({ outputSize: [2, 3] })]);
 */
export const adaptiveAveragePooling2d: LayerFactory<AdaptivePooling2dOptions> = adaptive("AdaptiveAveragePooling2D", 2, adaptiveAveragePool);

/**
 * The means of windows that cover the volume, as many as `outputSize` says; on each axis window i
 * goes from ⌊i·S/n⌋ up to ⌈(i+1)·S/n⌉.
 *
 * @shape [B,D,H,W,C] → [B,...outputSize,C]
 * @example
 * const model = sequential([layers.input([4, 7, 9, 1]), layers.adaptiveAveragePooling3d({ outputSize: [2, 3, 3] })]);
 */
export const adaptiveAveragePooling3d: LayerFactory<AdaptivePooling3dOptions> = adaptive("AdaptiveAveragePooling3D", 3, adaptiveAveragePool);
