import type { ActivationLike } from "../../activations/index.js";
import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { checkImages } from "./check.js";

/** Options of {@link uNet}. */
export interface UNetOptions {
  /** Height and width, multiples of 2^depth, and channels. Default [256, 256, 1]. */
  readonly inputShape?: readonly [height: number, width: number, channels: number];
  /** Classes of a pixel. Default 2. */
  readonly classes?: number;
  /** Channels of the first convolutions; each halving of the image doubles them. Default 64. */
  readonly filters?: number;
  /** How often the image is halved. Default 4. */
  readonly depth?: number;
  /** Of the last layer; "sigmoid" for one class, "linear" for logits. Default softmax. */
  readonly classifierActivation?: ActivationLike;
  /** Of the model. Default unet. */
  readonly name?: string;
}

const DEFAULTS: Required<UNetOptions> = {
  inputShape: [256, 256, 1],
  classes: 2,
  filters: 64,
  depth: 4,
  classifierActivation: "softmax",
  name: "unet",
};

/**
 * U-Net, which says of each pixel what it belongs to: a way down, where the image shrinks and
 * channels grow, a way up again, and at each size a bridge that brings the details across.
 * 31,030,658 parameters. Convolutions keep the image's size, where the paper's shrank it.
 *
 * @shape [B,H,W,C] → [B,H,W,classes]
 * @throws BAD_ARGUMENT when the image cannot be halved so often
 * @source Ronneberger, Fischer, Brox 2015
 * @example
 * const model = uNet({ inputShape: [32, 32, 1], filters: 8, depth: 2 });
 * console.log(model.outputs[0].shape); // [batch, 32, 32, 2]
 */
export function uNet(options: UNetOptions = {}): Model {
  const { inputShape, classes, filters, depth, classifierActivation, name } = resolveOptions("uNet", DEFAULTS, options);
  checkImages("uNet", inputShape, depth);
  const image = layers.input(inputShape);
  const bridges: SymbolicTensor[] = [];
  let x: SymbolicTensor = image;
  for (let level = 0; level < depth; level++) {
    const bridge = twoConvolutions(x, filters * 2 ** level, `down${level + 1}`);
    bridges.push(bridge);
    x = layers.maxPooling2d({ name: `down${level + 1}_pool` })(bridge);
  }
  x = twoConvolutions(x, filters * 2 ** depth, "bottom");
  for (let level = depth - 1; level >= 0; level--) {
    const up = `up${level + 1}`;
    x = layers.conv2dTranspose({ filters: filters * 2 ** level, kernelSize: 2, strides: 2, name: `${up}_grow` })(x);
    x = layers.concatenate({ name: `${up}_bridge` })([bridges[level]!, x]);
    x = twoConvolutions(x, filters * 2 ** level, up);
  }
  const y = layers.conv2d({ filters: classes, kernelSize: 1, activation: classifierActivation, name: "predictions" })(x);
  return new Model({ inputs: image, outputs: y, name });
}

function twoConvolutions(x: SymbolicTensor, filters: number, name: string): SymbolicTensor {
  const options = { filters, kernelSize: 3, padding: "same", activation: "relu", kernelInitializer: "heNormal" } as const;
  return layers.conv2d({ ...options, name: `${name}_conv2` })(layers.conv2d({ ...options, name: `${name}_conv1` })(x));
}
