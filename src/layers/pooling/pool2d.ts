import { averagePool, maxPool } from "../../ops/nn/pool.js";
import { samePadding } from "../../ops/nn/conv.js";
import { max, mean } from "../../ops/reduce/reduce.js";
import { transpose } from "../../ops/shape/transpose.js";
import type { Tensor } from "../../tensor/tensor.js";
import { asPair, type Padding, PADDINGS, type Pair } from "../convolution/conv2d.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { knownDim, needRank, oneOf, pair } from "../options.js";
import { DATA_FORMATS, type DataFormat } from "../shape/flatten.js";

/** Options of the pooling layers. */
export interface Pooling2dOptions {
  /** Height and width of the window. Default 2. */
  readonly poolSize?: Pair;
  /** Default: the window's size. */
  readonly strides?: Pair | null;
  /** Default valid. */
  readonly padding?: Padding;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
}

function pooling(className: string, op: typeof maxPool): LayerFactory<Pooling2dOptions> {
  return defineLayer({
    className,
    defaults: {
      poolSize: 2 as Pair,
      strides: null as Pair | null,
      padding: "valid" as Padding,
      dataFormat: "channelsLast" as DataFormat,
    },
    check: (config, where) => {
      const poolSize = pair(where, "poolSize", config.poolSize);
      return {
        poolSize,
        strides: config.strides === null ? poolSize : pair(where, "strides", config.strides),
        padding: oneOf(where, "padding", config.padding, PADDINGS),
        dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
      };
    },
    call: ({ config, where }, input) => {
      const first = config.dataFormat === "channelsFirst";
      needRank(where, input.shape, 4, first ? "[batch, channels, height, width]" : "[batch, height, width, channels]");
      const x = first ? input : transpose(input, [0, 3, 1, 2]); // [B,C,H,W]
      const poolSize = asPair(config.poolSize);
      const strides = asPair(config.strides ?? poolSize);
      const padding = poolSize.map((size, i) =>
        config.padding === "valid" ? ([0, 0] as const) : samePadding(knownDim(where, x.shape, i + 2), size, strides[i]!, 1),
      );
      const y = op(x, { poolSize, strides, padding });
      return first ? y : transpose(y, [0, 2, 3, 1]);
    },
  });
}

/**
 * The largest value in each window.
 *
 * @shape [B,H,W,C] → [B,H',W',C]
 * @source ONNX MaxPool
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.maxPooling2d({ poolSize: 2 })]);
 */
export const maxPooling2d = pooling("MaxPooling2D", maxPool);

/**
 * The mean of each window; padding does not count.
 *
 * @shape [B,H,W,C] → [B,H',W',C]
 * @source ONNX AveragePool
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.averagePooling2d({ poolSize: 2 })]);
 */
export const averagePooling2d = pooling("AveragePooling2D", averagePool);

/** Options of the global pooling layers. */
export interface GlobalPooling2dOptions {
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Whether height and width stay, with size 1. Default false. */
  readonly keepdims?: boolean;
}

function globalPooling(className: string, reduce: typeof max): LayerFactory<GlobalPooling2dOptions> {
  return defineLayer({
    className,
    defaults: { dataFormat: "channelsLast" as DataFormat, keepdims: false },
    check: (config, where) => ({ ...config, dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS) }),
    call: ({ config, where }, x): Tensor => {
      needRank(where, x.shape, 4, "[batch, height, width, channels]");
      const axes = config.dataFormat === "channelsFirst" ? [2, 3] : [1, 2];
      return reduce(x, { axes, keepDims: config.keepdims });
    },
  });
}

/**
 * The largest value of each channel.
 *
 * @shape [B,H,W,C] → [B,C]
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.globalMaxPooling2d()]);
 */
export const globalMaxPooling2d = globalPooling("GlobalMaxPooling2D", max);

/**
 * The mean of each channel.
 *
 * @shape [B,H,W,C] → [B,C]
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.globalAveragePooling2d()]);
 */
export const globalAveragePooling2d = globalPooling("GlobalAveragePooling2D", mean);
