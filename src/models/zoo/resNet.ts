import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { classify, IMAGE_DEFAULTS, type ImageClassifierOptions, scaled } from "./imageOptions.js";

/** One block of a stage: the residual that is added to the block's input. */
type Block = (x: SymbolicTensor, filters: number, strides: number, name: string) => SymbolicTensor;

/**
 * ResNet-18: four stages of two blocks, in each of which two convolutions learn what is to be added
 * to their input. 11,689,512 trained parameters, as in torchvision.
 *
 * Default: images [224, 224, 3] and 1000 classes.
 *
 * @shape [B,H,W,C] → [B,classes]
 * @source He, Zhang, Ren, Sun 2015
 * @example
 * const model = resNet18({ inputShape: [32, 32, 3], classes: 10, width: 0.25 });
 * console.log(model.outputs[0].shape); // [batch, 10]
 */
export function resNet18(options: ImageClassifierOptions = {}): Model {
  return resNet("resNet18", [2, 2, 2, 2], basicBlock, false, { name: "resnet18", ...options });
}

/**
 * ResNet-34: as {@link resNet18}, with stages of three, four, six and three blocks. 21,797,672
 * trained parameters, as in torchvision.
 *
 * Default: images [224, 224, 3] and 1000 classes.
 *
 * @shape [B,H,W,C] → [B,classes]
 * @source He, Zhang, Ren, Sun 2015
 * @example
 * const model = resNet34({ inputShape: [32, 32, 3], classes: 10, width: 0.25 });
 * console.log(model.outputs[0].shape); // [batch, 10]
 */
export function resNet34(options: ImageClassifierOptions = {}): Model {
  return resNet("resNet34", [3, 4, 6, 3], basicBlock, false, { name: "resnet34", ...options });
}

/**
 * ResNet-50: as {@link resNet34}, with blocks of three convolutions, the middle one on a quarter of
 * the channels. 25,636,712 parameters and the layer names of Keras's ResNet50, which halves images
 * in the first convolution of a stage, as the paper does.
 *
 * Default: images [224, 224, 3] and 1000 classes.
 *
 * @shape [B,H,W,C] → [B,classes]
 * @source He, Zhang, Ren, Sun 2015
 * @example
 * const features = resNet50({ inputShape: [64, 64, 3], includeTop: false });
 * console.log(features.outputs[0].shape); // [batch, 2, 2, 2048]
 */
export function resNet50(options: ImageClassifierOptions = {}): Model {
  return resNet("resNet50", [3, 4, 6, 3], bottleneck, true, { name: "resnet50", ...options });
}

function resNet(where: string, blocks: readonly number[], block: Block, useBias: boolean, options: ImageClassifierOptions): Model {
  const config = resolveOptions(where, IMAGE_DEFAULTS, options);
  const channels = scaled(where, config.width);
  const image = layers.input(config.inputShape);
  let x = layers.zeroPadding2d({ padding: 3, name: "conv1_pad" })(image);
  x = layers.conv2d({ filters: channels(64), kernelSize: 7, strides: 2, useBias, name: "conv1_conv" })(x); // 112 × 112
  x = normalized(x, "conv1");
  x = layers.relu({ name: "conv1_relu" })(x);
  x = layers.zeroPadding2d({ padding: 1, name: "pool1_pad" })(x);
  x = layers.maxPooling2d({ poolSize: 3, strides: 2, name: "pool1_pool" })(x); // 56 × 56
  for (const [stage, count] of blocks.entries()) {
    for (let n = 1; n <= count; n++) {
      const strides = stage > 0 && n === 1 ? 2 : 1; // 28 × 28, 14 × 14, 7 × 7
      x = block(x, channels(64 * 2 ** stage), strides, `conv${stage + 2}_block${n}`);
    }
  }
  return new Model({ inputs: image, outputs: classify(x, config, "avg_pool"), name: config.name });
}

/** Two convolutions of 3 × 3. Where the shape changes, a convolution of 1 × 1 brings the input to it. */
function basicBlock(x: SymbolicTensor, filters: number, strides: number, name: string): SymbolicTensor {
  const changes = strides > 1 || x.shape.at(-1) !== filters;
  const shortcut = changes
    ? normalized(layers.conv2d({ filters, kernelSize: 1, strides, useBias: false, name: `${name}_0_conv` })(x), `${name}_0`)
    : x;
  // Zeros on both sides: "same" would put them after the image alone where strides are 2.
  let y = strides > 1 ? layers.zeroPadding2d({ padding: 1, name: `${name}_1_pad` })(x) : x;
  y = layers.conv2d({ filters, kernelSize: 3, strides, padding: strides > 1 ? "valid" : "same", useBias: false, name: `${name}_1_conv` })(y);
  y = layers.relu({ name: `${name}_1_relu` })(normalized(y, `${name}_1`));
  y = layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, name: `${name}_2_conv` })(y);
  y = layers.add({ name: `${name}_add` })([shortcut, normalized(y, `${name}_2`)]);
  return layers.relu({ name: `${name}_out` })(y);
}

/** Convolutions of 1 × 1 to few channels, 3 × 3 among these, and 1 × 1 to four times as many. */
function bottleneck(x: SymbolicTensor, filters: number, strides: number, name: string): SymbolicTensor {
  const changes = strides > 1 || x.shape.at(-1) !== 4 * filters;
  const shortcut = changes
    ? normalized(layers.conv2d({ filters: 4 * filters, kernelSize: 1, strides, name: `${name}_0_conv` })(x), `${name}_0`)
    : x;
  let y = layers.conv2d({ filters, kernelSize: 1, strides, name: `${name}_1_conv` })(x);
  y = layers.relu({ name: `${name}_1_relu` })(normalized(y, `${name}_1`));
  y = layers.conv2d({ filters, kernelSize: 3, padding: "same", name: `${name}_2_conv` })(y);
  y = layers.relu({ name: `${name}_2_relu` })(normalized(y, `${name}_2`));
  y = layers.conv2d({ filters: 4 * filters, kernelSize: 1, name: `${name}_3_conv` })(y);
  y = layers.add({ name: `${name}_add` })([shortcut, normalized(y, `${name}_3`)]);
  return layers.relu({ name: `${name}_out` })(y);
}

function normalized(x: SymbolicTensor, name: string): SymbolicTensor {
  return layers.batchNormalization({ epsilon: 1.001e-5, name: `${name}_bn` })(x);
}
