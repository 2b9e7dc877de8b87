import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { classify, IMAGE_DEFAULTS, type ImageClassifierOptions, scaled } from "./imageOptions.js";

/** Of each stage: by what the channels are expanded, its channels, its blocks, and the strides of the first one. */
const STAGES = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]] as const;

/**
 * MobileNetV2, made for telephones: blocks that expand few channels to many, look at each of these by
 * itself, and go back to few, where the residual connections are. 3,538,984 parameters.
 *
 * Default: images [224, 224, 3] and 1000 classes; `width` is Keras's alpha. Layers have the names
 * that Keras's MobileNetV2 has.
 *
 * @shape [B,H,W,C] → [B,classes]
 * @source Sandler et al. 2018
 * @example
 * const model = mobileNetV2({ inputShape: [32, 32, 3], classes: 10, width: 0.35 });
 * console.log(model.outputs[0].shape); // [batch, 10]
 */
export function mobileNetV2(options: ImageClassifierOptions = {}): Model {
  const config = resolveOptions("mobileNetV2", { ...IMAGE_DEFAULTS, name: "mobilenetv2" }, options);
  const scale = scaled("mobileNetV2", config.width);
  const channels = (count: number): number => (config.width === 1 ? scale(count) : byEight(count * config.width));
  const image = layers.input(config.inputShape);
  let x = layers.conv2d({ filters: channels(32), kernelSize: 3, strides: 2, padding: "same", useBias: false, name: "Conv1" })(image);
  x = relu6(normalized(x, "bn_Conv1"), "Conv1_relu"); // 112 × 112
  let block = 0;
  for (const [expansion, filters, count, first] of STAGES) {
    for (let n = 0; n < count; n++) {
      x = invertedResidual(x, channels(filters), expansion, n === 0 ? first : 1, block === 0 ? "expanded_conv" : `block_${block}`);
      block++;
    }
  }
  // The last layer of a narrow network stays wide.
  const last = channels(1280 * Math.max(1, 1 / config.width));
  x = layers.conv2d({ filters: last, kernelSize: 1, useBias: false, name: "Conv_1" })(x); // 7 × 7
  x = relu6(normalized(x, "Conv_1_bn"), "out_relu");
  return new Model({ inputs: image, outputs: classify(x, config), name: config.name });
}

function invertedResidual(x: SymbolicTensor, filters: number, expansion: number, strides: number, name: string): SymbolicTensor {
  const inside = Number(x.shape.at(-1));
  let y = x;
  if (expansion > 1) {
    y = layers.conv2d({ filters: expansion * inside, kernelSize: 1, useBias: false, name: `${name}_expand` })(y);
    y = relu6(normalized(y, `${name}_expand_BN`), `${name}_expand_relu`);
  }
  if (strides > 1) y = layers.zeroPadding2d({ padding: [before(y, 1), before(y, 2)], name: `${name}_pad` })(y);
  y = layers.depthwiseConv2d({ kernelSize: 3, strides, padding: strides > 1 ? "valid" : "same", useBias: false, name: `${name}_depthwise` })(y);
  y = relu6(normalized(y, `${name}_depthwise_BN`), `${name}_depthwise_relu`);
  y = layers.conv2d({ filters, kernelSize: 1, useBias: false, name: `${name}_project` })(y);
  y = normalized(y, `${name}_project_BN`);
  return strides === 1 && inside === filters ? layers.add({ name: `${name}_add` })([x, y]) : y;
}

/** Zeros before and after an axis, so that windows of 3 with strides of 2 cover it from its start. */
function before(x: SymbolicTensor, axis: number): readonly [number, number] {
  return [Number(x.shape[axis]) % 2, 1];
}

function normalized(x: SymbolicTensor, name: string): SymbolicTensor {
  return layers.batchNormalization({ epsilon: 1e-3, momentum: 0.999, name })(x);
}

function relu6(x: SymbolicTensor, name: string): SymbolicTensor {
  return layers.relu({ maxValue: 6, name })(x);
}

/** The nearest multiple of 8, but not under nine tenths of the number. */
function byEight(count: number): number {
  const nearest = Math.max(8, Math.floor((count + 4) / 8) * 8);
  return nearest < 0.9 * count ? nearest + 8 : nearest;
}
