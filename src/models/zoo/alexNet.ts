import * as layers from "../../layers/index.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { IMAGE_DEFAULTS, type ImageClassifierOptions, scaled } from "./imageOptions.js";

/**
 * AlexNet, with which deep networks won ImageNet: five convolutions, the first with a wide view and
 * a stride of 4, and three dense layers with dropout. This is the later variant for one processor
 * ("One weird trick", as in torchvision), with 61,100,840 parameters and no local normalisation.
 *
 * Default: images [224, 224, 3] and 1000 classes; images of at least 63 pixels a side.
 *
 * @shape [B,H,W,C] → [B,classes]
 * @source Krizhevsky, Sutskever, Hinton 2012; Krizhevsky 2014
 * @example
 * const model = alexNet({ inputShape: [64, 64, 3], classes: 10, width: 0.125 });
 * console.log(model.outputs[0].shape); // [batch, 10]
 */
export function alexNet(options: ImageClassifierOptions = {}): Model {
  const config = resolveOptions("alexNet", { ...IMAGE_DEFAULTS, name: "alexnet" }, options);
  const channels = scaled("alexNet", config.width);
  const image = layers.input(config.inputShape);
  let x = layers.zeroPadding2d({ padding: 2 })(image);
  x = layers.conv2d({ filters: channels(64), kernelSize: 11, strides: 4, activation: "relu", name: "conv1" })(x); // 55 × 55
  x = layers.maxPooling2d({ poolSize: 3, strides: 2, name: "pool1" })(x); // 27 × 27
  x = layers.conv2d({ filters: channels(192), kernelSize: 5, padding: "same", activation: "relu", name: "conv2" })(x);
  x = layers.maxPooling2d({ poolSize: 3, strides: 2, name: "pool2" })(x); // 13 × 13
  x = layers.conv2d({ filters: channels(384), kernelSize: 3, padding: "same", activation: "relu", name: "conv3" })(x);
  x = layers.conv2d({ filters: channels(256), kernelSize: 3, padding: "same", activation: "relu", name: "conv4" })(x);
  x = layers.conv2d({ filters: channels(256), kernelSize: 3, padding: "same", activation: "relu", name: "conv5" })(x);
  x = layers.maxPooling2d({ poolSize: 3, strides: 2, name: "pool5" })(x); // 6 × 6
  if (config.includeTop) {
    // Images of other sizes come to the same number of features.
    x = layers.adaptiveAveragePooling2d({ outputSize: 6, name: "avg_pool" })(x);
    x = layers.flatten()(x);
    x = layers.dropout({ rate: 0.5 })(x);
    x = layers.dense({ units: channels(4096), activation: "relu", name: "fc6" })(x);
    x = layers.dropout({ rate: 0.5 })(x);
    x = layers.dense({ units: channels(4096), activation: "relu", name: "fc7" })(x);
    x = layers.dense({ units: config.classes, activation: config.classifierActivation, name: "predictions" })(x);
  }
  return new Model({ inputs: image, outputs: x, name: config.name });
}
