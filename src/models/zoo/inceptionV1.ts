import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { classify, IMAGE_DEFAULTS, type ImageClassifierOptions, scaled } from "./imageOptions.js";

/** Options of {@link inceptionV1}. */
export interface InceptionV1Options extends ImageClassifierOptions {
  /** Whether each convolution is normalised, as was found out a year later, and then has no bias. Default false. */
  readonly batchNormalization?: boolean;
}

/** Channels of a module: 1 × 1; 1 × 1 and then 3 × 3; 1 × 1 and then 5 × 5; 1 × 1 after pooling. */
type Module = readonly [one: number, before3: number, three: number, before5: number, five: number, pooled: number];

const STAGES: readonly Readonly<Record<string, Module>>[] = [
  { "3a": [64, 96, 128, 16, 32, 32], "3b": [128, 128, 192, 32, 96, 64] },
  {
    "4a": [192, 96, 208, 16, 48, 64],
    "4b": [160, 112, 224, 24, 64, 64],
    "4c": [128, 128, 256, 24, 64, 64],
    "4d": [112, 144, 288, 32, 64, 64],
    "4e": [256, 160, 320, 32, 128, 128],
  },
  { "5a": [256, 160, 320, 32, 128, 128], "5b": [384, 192, 384, 48, 128, 128] },
];

/**
 * GoogLeNet, the first Inception: each of its nine modules looks at the image through windows of
 * several sizes at once and joins what they saw; 1 × 1 convolutions keep the number of channels low.
 * 6,998,552 parameters. The paper's local normalisation and auxiliary classifiers are left out.
 *
 * Default: images [224, 224, 3] and 1000 classes.
 *
 * @shape [B,H,W,C] → [B,classes]
 * @source Szegedy et al. 2014, "Going deeper with convolutions"
 * @example
 * const model = inceptionV1({ inputShape: [64, 64, 3], classes: 10, width: 0.25, batchNormalization: true });
 * console.log(model.outputs[0].shape); // [batch, 10]
 */
export function inceptionV1(options: InceptionV1Options = {}): Model {
  const config = resolveOptions("inceptionV1", { ...IMAGE_DEFAULTS, batchNormalization: false, name: "inception_v1" }, options);
  const channels = scaled("inceptionV1", config.width);

  const conv = (from: SymbolicTensor, filters: number, kernelSize: number, name: string, strides = 1): SymbolicTensor => {
    const window = { filters: channels(filters), kernelSize, strides, padding: "same", name } as const;
    if (!config.batchNormalization) return layers.conv2d({ ...window, activation: "relu" })(from);
    const h = layers.conv2d({ ...window, useBias: false })(from);
    return layers.relu({ name: `${name}_relu` })(layers.batchNormalization({ name: `${name}_bn` })(h));
  };
  const pool = (from: SymbolicTensor, strides: number, name: string): SymbolicTensor =>
    layers.maxPooling2d({ poolSize: 3, strides, padding: "same", name })(from);

  const inception = (from: SymbolicTensor, name: string, [one, before3, three, before5, five, pooled]: Module): SymbolicTensor =>
    layers.concatenate({ name: `inception_${name}_output` })([
      conv(from, one, 1, `inception_${name}_1x1`),
      conv(conv(from, before3, 1, `inception_${name}_3x3_reduce`), three, 3, `inception_${name}_3x3`),
      conv(conv(from, before5, 1, `inception_${name}_5x5_reduce`), five, 5, `inception_${name}_5x5`),
      conv(pool(from, 1, `inception_${name}_pool`), pooled, 1, `inception_${name}_pool_proj`),
    ]);

  const image = layers.input(config.inputShape);
  let x = pool(conv(image, 64, 7, "conv1", 2), 2, "pool1"); // 56 × 56
  x = conv(conv(x, 64, 1, "conv2_reduce"), 192, 3, "conv2");
  for (const [i, stage] of STAGES.entries()) {
    x = pool(x, 2, `pool${i + 2}`); // 28 × 28, 14 × 14, 7 × 7
    for (const [name, module] of Object.entries(stage)) x = inception(x, name, module);
  }
  return new Model({ inputs: image, outputs: classify(x, config, "avg_pool", 0.4), name: config.name });
}
