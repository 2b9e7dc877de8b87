import * as layers from "../../layers/index.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { IMAGE_DEFAULTS, type ImageClassifierOptions, scaled } from "./imageOptions.js";

const DEFAULTS: Required<ImageClassifierOptions> = { ...IMAGE_DEFAULTS, inputShape: [28, 28, 1], classes: 10, name: "lenet5" };

/**
 * LeNet-5, which read the digits on cheques: two convolutions, each followed by averaging, and three
 * dense layers. This is the variant in use today, with 61,706 parameters: plain averaging, full
 * connections and softmax instead of trained averaging, a table of connections and distances.
 *
 * Default: images [28, 28, 1], padded to 32 as in the paper, and 10 classes.
 *
 * @shape [B,H,W,C] → [B,classes]
 * @source LeCun, Bottou, Bengio, Haffner 1998
 * @example
 * const model = leNet5();
 * console.log(model.parameterCount); // 61706
 */
export function leNet5(options: ImageClassifierOptions = {}): Model {
  const { inputShape, classes, classifierActivation, includeTop, width, name } = resolveOptions("leNet5", DEFAULTS, options);
  const channels = scaled("leNet5", width);
  const image = layers.input(inputShape);
  let x = layers.conv2d({ filters: channels(6), kernelSize: 5, padding: "same", activation: "tanh", name: "c1" })(image); // 28 × 28
  x = layers.averagePooling2d({ name: "s2" })(x); // 14 × 14
  x = layers.conv2d({ filters: channels(16), kernelSize: 5, activation: "tanh", name: "c3" })(x); // 10 × 10
  x = layers.averagePooling2d({ name: "s4" })(x); // 5 × 5
  if (includeTop) {
    x = layers.flatten()(x);
    x = layers.dense({ units: channels(120), activation: "tanh", name: "c5" })(x);
    x = layers.dense({ units: channels(84), activation: "tanh", name: "f6" })(x);
    x = layers.dense({ units: classes, activation: classifierActivation, name: "predictions" })(x);
  }
  return new Model({ inputs: image, outputs: x, name });
}
