import type { ActivationLike } from "../../activations/index.js";
import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { type Autoencoder, autoencoder } from "./autoencoder.js";
import { checkImages, checkSizes } from "./check.js";

/** Options of {@link convolutionalAutoencoder}. */
export interface ConvolutionalAutoencoderOptions {
  /** Height and width, which each layer of the encoder halves, and channels. Default [28, 28, 1]. */
  readonly inputShape?: readonly [height: number, width: number, channels: number];
  /** Channels of each layer of the encoder; the decoder has them in reverse. Default [32, 32]. */
  readonly filters?: readonly number[];
  /** Of the output; sigmoid for values from 0 to 1, linear for others. Default sigmoid. */
  readonly outputActivation?: ActivationLike;
  /** Of the model. Default convolutional_autoencoder. */
  readonly name?: string;
}

/** Options of {@link denoisingAutoencoder}. */
export interface DenoisingAutoencoderOptions extends ConvolutionalAutoencoderOptions {
  /** Standard deviation of the noise that is added while training, from 0 to 1. Default 0.4. */
  readonly noise?: number;
}

const DEFAULTS: Required<ConvolutionalAutoencoderOptions> = {
  inputShape: [28, 28, 1],
  filters: [32, 32],
  outputActivation: "sigmoid",
  name: "convolutional_autoencoder",
};

/**
 * An autoencoder of convolutions: the encoder shrinks images by pooling, the decoder enlarges what
 * is left by transposed convolutions. With the defaults 28,353 parameters.
 *
 * @shape [B,H,W,C] → [B,H/4,W/4,32] → [B,H,W,C]
 * @throws BAD_ARGUMENT when the image cannot be halved so often
 * @source Masci, Meier, Cireşan, Schmidhuber 2011; sizes of the example in Keras's documentation
 * @example
 * const { model, encoder } = convolutionalAutoencoder({ inputShape: [8, 8, 1], filters: [8, 4] });
 * console.log(encoder.outputs[0].shape, model.outputs[0].shape); // [batch, 2, 2, 4] [batch, 8, 8, 1]
 */
export function convolutionalAutoencoder(options: ConvolutionalAutoencoderOptions = {}): Autoencoder {
  const config = resolveOptions("convolutionalAutoencoder", DEFAULTS, options);
  return autoencoder(config.name, ...halves("convolutionalAutoencoder", config), layers.input(config.inputShape));
}

/**
 * A convolutional autoencoder that sees its input through noise while training, and learns to take
 * noise away: train it with clean images as input and label, and predict from noisy ones.
 *
 * @shape [B,H,W,C] → [B,H/4,W/4,32] → [B,H,W,C]
 * @throws BAD_ARGUMENT when the image cannot be halved so often
 * @source Vincent, Larochelle, Bengio, Manzagol 2008
 * @example
 * const { model } = denoisingAutoencoder({ inputShape: [8, 8, 1], filters: [8, 8], noise: 0.2 });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy" });
 */
export function denoisingAutoencoder(options: DenoisingAutoencoderOptions = {}): Autoencoder {
  const defaults = { ...DEFAULTS, noise: 0.4, name: "denoising_autoencoder" };
  const { noise, ...config } = resolveOptions("denoisingAutoencoder", defaults, options);
  const halfs = halves("denoisingAutoencoder", config);
  return autoencoder(config.name, ...halfs, layers.input(config.inputShape), (x) => layers.gaussianNoise({ stddev: noise })(x));
}

function halves(where: string, { inputShape, filters, outputActivation }: Required<ConvolutionalAutoencoderOptions>): [Model, Model] {
  checkSizes(where, "filters", filters);
  checkImages(where, inputShape, filters.length);
  const image = layers.input(inputShape);
  let x: SymbolicTensor = image;
  for (const count of filters) {
    x = layers.conv2d({ filters: count, kernelSize: 3, padding: "same", activation: "relu" })(x);
    x = layers.maxPooling2d()(x);
  }
  const encoder = new Model({ inputs: image, outputs: x, name: "encoder" });

  const code = layers.input(x.shape.slice(1).map(Number));
  let y: SymbolicTensor = code;
  for (const count of [...filters].reverse()) {
    y = layers.conv2dTranspose({ filters: count, kernelSize: 3, strides: 2, padding: "same", activation: "relu" })(y);
  }
  y = layers.conv2d({ filters: inputShape[2], kernelSize: 3, padding: "same", activation: outputActivation })(y);
  return [encoder, new Model({ inputs: code, outputs: y, name: "decoder" })];
}
