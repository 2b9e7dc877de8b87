import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { classify, IMAGE_DEFAULTS, type ImageClassifierOptions, scaled } from "./imageOptions.js";

const DEFAULTS: Required<ImageClassifierOptions> = { ...IMAGE_DEFAULTS, inputShape: [299, 299, 3], name: "xception" };

/**
 * Xception: Inception taken to its end, where each channel is looked at by itself, and 1 × 1
 * convolutions alone mix channels, with residual connections around each block. 22,910,480
 * parameters.
 *
 * Default: images [299, 299, 3] and 1000 classes. Layers have the names that Keras's Xception has.
 *
 * @shape [B,H,W,C] → [B,classes]
 * @source Chollet 2016
 * @example
 * const model = xception({ inputShape: [71, 71, 3], classes: 10, width: 0.125 });
 * console.log(model.outputs[0].shape); // [batch, 10]
 */
export function xception(options: ImageClassifierOptions = {}): Model {
  const config = resolveOptions("xception", DEFAULTS, options);
  const channels = scaled("xception", config.width);
  const relu = (x: SymbolicTensor, name: string): SymbolicTensor => layers.activation({ activation: "relu", name: `${name}_act` })(x);
  const normalized = (x: SymbolicTensor, name: string): SymbolicTensor => layers.batchNormalization({ name: `${name}_bn` })(x);
  const conv = (x: SymbolicTensor, filters: number, strides: number, name: string): SymbolicTensor =>
    relu(normalized(layers.conv2d({ filters: channels(filters), kernelSize: 3, strides, useBias: false, name })(x), name), name);
  const separable = (x: SymbolicTensor, filters: number, name: string): SymbolicTensor =>
    normalized(layers.separableConv2d({ filters: channels(filters), kernelSize: 3, padding: "same", useBias: false, name })(x), name);

  /** Two separable convolutions and pooling, added to the input, which a convolution brings to their shape. */
  const halving = (x: SymbolicTensor, first: number, second: number, name: string, reluFirst = true): SymbolicTensor => {
    const shortcut = layers.batchNormalization()(
      layers.conv2d({ filters: channels(second), kernelSize: 1, strides: 2, padding: "same", useBias: false })(x),
    );
    let y = separable(reluFirst ? relu(x, `${name}_sepconv1`) : x, first, `${name}_sepconv1`);
    y = separable(relu(y, `${name}_sepconv2`), second, `${name}_sepconv2`);
    y = layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same", name: `${name}_pool` })(y);
    return layers.add()([y, shortcut]);
  };

  const image = layers.input(config.inputShape);
  let x = conv(conv(image, 32, 2, "block1_conv1"), 64, 1, "block1_conv2");
  x = halving(x, 128, 128, "block2", false);
  x = halving(x, 256, 256, "block3");
  x = halving(x, 728, 728, "block4");
  for (let block = 5; block <= 12; block++) {
    let y = x;
    for (let n = 1; n <= 3; n++) y = separable(relu(y, `block${block}_sepconv${n}`), 728, `block${block}_sepconv${n}`);
    x = layers.add()([y, x]);
  }
  x = halving(x, 728, 1024, "block13");
  x = relu(separable(x, 1536, "block14_sepconv1"), "block14_sepconv1");
  x = relu(separable(x, 2048, "block14_sepconv2"), "block14_sepconv2");
  return new Model({ inputs: image, outputs: classify(x, config, "avg_pool"), name: config.name });
}
