import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { IMAGE_DEFAULTS, type ImageClassifierOptions, scaled } from "./imageOptions.js";

/** Of each block: its channels, and how many convolutions it has. */
const BLOCKS = [[64, 2], [128, 2], [256, 3], [512, 3], [512, 3]] as const;

/**
 * VGG-16, which asked how far depth alone leads: thirteen convolutions of 3 × 3 in five blocks, each
 * halving the image and doubling the channels, and three dense layers. 138,357,544 parameters.
 *
 * Default: images [224, 224, 3] and 1000 classes. Layers have the names that Keras's VGG16 has.
 *
 * @shape [B,H,W,C] → [B,classes]
 * @source Simonyan, Zisserman 2014
 * @example
 * const features = vgg16({ inputShape: [32, 32, 3], includeTop: false });
 * console.log(features.outputs[0].shape); // [batch, 1, 1, 512]
 */
export function vgg16(options: ImageClassifierOptions = {}): Model {
  const config = resolveOptions("vgg16", { ...IMAGE_DEFAULTS, name: "vgg16" }, options);
  const channels = scaled("vgg16", config.width);
  const image = layers.input(config.inputShape);
  let x: SymbolicTensor = image;
  for (const [i, [filters, count]] of BLOCKS.entries()) {
    const block = `block${i + 1}`;
    for (let n = 1; n <= count; n++) {
      x = layers.conv2d({ filters: channels(filters), kernelSize: 3, padding: "same", activation: "relu", name: `${block}_conv${n}` })(x);
    }
    x = layers.maxPooling2d({ name: `${block}_pool` })(x);
  }
  if (config.includeTop) {
    x = layers.flatten({ name: "flatten" })(x);
    x = layers.dense({ units: channels(4096), activation: "relu", name: "fc1" })(x);
    x = layers.dense({ units: channels(4096), activation: "relu", name: "fc2" })(x);
    x = layers.dense({ units: config.classes, activation: config.classifierActivation, name: "predictions" })(x);
  }
  return new Model({ inputs: image, outputs: x, name: config.name });
}
