import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { checkImages } from "./check.js";
import { scaled } from "./imageOptions.js";

/** Options of {@link gan}. */
export interface GanOptions {
  /** Height and width, multiples of 4, and channels of the images. Default [28, 28, 1]. */
  readonly inputShape?: readonly [height: number, width: number, channels: number];
  /** Size of the noise that images are made of. Default 100. */
  readonly latentDim?: number;
  /** Factor on the numbers of channels, above 0. Default 1. */
  readonly width?: number;
}

/** Two networks that train each other; see `trainGan`. */
export interface Gan {
  /** From noise, normal with mean 0 and deviation 1, to images in [−1, 1]. */
  readonly generator: Model;
  /** From images to logits, above 0 where it takes them for real. */
  readonly discriminator: Model;
}

const DEFAULTS: Required<GanOptions> = { inputShape: [28, 28, 1], latentDim: 100, width: 1 };

/**
 * A generative adversarial network: a generator makes images of noise, and a discriminator tells
 * them from real ones. With the defaults 2,330,944 and 212,865 parameters.
 *
 * @shape [B,latentDim] → [B,H,W,C] → [B,1]
 * @throws BAD_ARGUMENT when height or width is no multiple of 4
 * @source Goodfellow et al. 2014; Radford, Metz, Chintala 2015; sizes of the example in TensorFlow's documentation
 * @example
 * const { generator, discriminator } = gan({ inputShape: [8, 8, 1], latentDim: 4, width: 0.1 });
 * console.log(generator.outputs[0].shape, discriminator.outputs[0].shape); // [batch, 8, 8, 1] [batch, 1]
 */
export function gan(options: GanOptions = {}): Gan {
  const { inputShape, latentDim, width } = resolveOptions("gan", DEFAULTS, options);
  checkImages("gan", inputShape, 2);
  const [height, columns, channels] = inputShape;
  const scale = scaled("gan", width);

  const noise = layers.input([latentDim], { name: "noise" });
  const small = [height / 4, columns / 4, scale(256)] as const;
  let x = layers.dense({ units: small[0] * small[1] * small[2], useBias: false })(noise);
  x = layers.reshape({ targetShape: small })(rectified(layers.batchNormalization()(x)));
  for (const [filters, strides] of [[128, 1], [64, 2]] as const) {
    x = layers.conv2dTranspose({ filters: scale(filters), kernelSize: 5, strides, padding: "same", useBias: false })(x);
    x = rectified(layers.batchNormalization()(x));
  }
  x = layers.conv2dTranspose({ filters: channels, kernelSize: 5, strides: 2, padding: "same", useBias: false, activation: "tanh" })(x);
  const generator = new Model({ inputs: noise, outputs: x, name: "generator" });

  const image = layers.input(inputShape, { name: "image" });
  let y: SymbolicTensor = image;
  for (const filters of [64, 128]) {
    y = layers.conv2d({ filters: scale(filters), kernelSize: 5, strides: 2, padding: "same" })(y);
    y = layers.dropout({ rate: 0.3 })(rectified(y));
  }
  y = layers.dense({ units: 1, name: "real" })(layers.flatten()(y));
  return { generator, discriminator: new Model({ inputs: image, outputs: y, name: "discriminator" }) };
}

function rectified(x: SymbolicTensor): SymbolicTensor {
  return layers.leakyReLU({ negativeSlope: 0.3 })(x);
}
