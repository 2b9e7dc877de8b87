import { averagePool, maxPool } from "../../ops/nn/pool.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { oneOf } from "../options.js";
import {
  channelsToBack,
  channelsToFront,
  DATA_FORMATS,
  type DataFormat,
  needSpatial,
  type Padding,
  PADDINGS,
  type Pair,
  type PerAxis,
  type Single,
  type Triple,
  wholePerAxis,
  windowPads,
} from "../spatial.js";

/** Options of the pooling layers. */
export interface PoolingOptions<S extends PerAxis> {
  /** Size of the window on each spatial axis. Default 2. */
  readonly poolSize?: S;
  /** Elements from one window to the next. Default: the window's size. */
  readonly strides?: S | null;
  /** Default valid. */
  readonly padding?: Padding;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
}

export type Pooling1dOptions = PoolingOptions<Single>;
export type Pooling2dOptions = PoolingOptions<Pair>;
export type Pooling3dOptions = PoolingOptions<Triple>;

function pooling(className: string, rank: number, op: typeof maxPool): LayerFactory<PoolingOptions<PerAxis>> {
  return defineLayer({
    className,
    inputDType: "float32",
    defaults: {
      poolSize: 2 as PerAxis,
      strides: null as PerAxis | null,
      padding: "valid" as Padding,
      dataFormat: "channelsLast" as DataFormat,
    },
    check: (config, where) => {
      const poolSize = wholePerAxis(where, "poolSize", config.poolSize, rank);
      return {
        poolSize,
        strides: config.strides === null ? poolSize : wholePerAxis(where, "strides", config.strides, rank),
        padding: oneOf(where, "padding", config.padding, PADDINGS),
        dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
      };
    },
    call: ({ config, where }, input) => {
      needSpatial(where, input.shape, rank, config.dataFormat);
      const x = channelsToFront(input, config.dataFormat); // [B,C,...S]
      const { poolSize, strides: given, padding } = config;
      const strides = given ?? poolSize;
      const pads = windowPads(where, x.shape, { kernelSize: poolSize, strides, dilationRate: 1, padding });
      return channelsToBack(op(x, { poolSize, strides, padding: pads }), config.dataFormat);
    },
  });
}

/**
 * The largest value in each window of time.
 *
 * @shape [B,T,C] → [B,T',C]
 * @source ONNX MaxPool
 * @example
 * const model = sequential([layers.input([16, 3]), layers.maxPooling1d({ poolSize: 2 })]);
 */
export const maxPooling1d: LayerFactory<Pooling1dOptions> = pooling("MaxPooling1D", 1, maxPool);

/**
 * The largest value in each window.
 *
 * @shape [B,H,W,C] → [B,H',W',C]
 * @source ONNX MaxPool
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.maxPooling2d({ poolSize: 2 })]);
 */
export const maxPooling2d: LayerFactory<Pooling2dOptions> = pooling("MaxPooling2D", 2, maxPool);

/**
 * The largest value in each window of a volume.
 *
 * @shape [B,D,H,W,C] → [B,D',H',W',C]
 * @source ONNX MaxPool
 * @example
 * const model = sequential([layers.input([4, 8, 8, 1]), layers.maxPooling3d({ poolSize: 2 })]);
 */
export const maxPooling3d: LayerFactory<Pooling3dOptions> = pooling("MaxPooling3D", 3, maxPool);

/**
 * The mean of each window of time; padding does not count.
 *
 * @shape [B,T,C] → [B,T',C]
 * @source ONNX AveragePool
 * @example
 * const model = sequential([layers.input([16, 3]), layers.averagePooling1d({ poolSize: 2 })]);
 */
export const averagePooling1d: LayerFactory<Pooling1dOptions> = pooling("AveragePooling1D", 1, averagePool);

/**
 * The mean of each window; padding does not count.
 *
 * @shape [B,H,W,C] → [B,H',W',C]
 * @source ONNX AveragePool
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.averagePooling2d({ poolSize: 2 })]);
 */
export const averagePooling2d: LayerFactory<Pooling2dOptions> = pooling("AveragePooling2D", 2, averagePool);

/**
 * The mean of each window of a volume; padding does not count.
 *
 * @shape [B,D,H,W,C] → [B,D',H',W',C]
 * @source ONNX AveragePool
 * @example
 * const model = sequential([layers.input([4, 8, 8, 1]), layers.averagePooling3d({ poolSize: 2 })]);
 */
export const averagePooling3d: LayerFactory<Pooling3dOptions> = pooling("AveragePooling3D", 3, averagePool);
