import type { ActivationLike } from "../../activations/index.js";
import { defineLayer } from "../../layers/define.js";
import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { randomNormal } from "../../ops/random/index.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import type { Autoencoder } from "./autoencoder.js";
import { checkImages, checkSizes } from "./check.js";

/** Options of {@link variationalAutoencoder}. */
export interface VariationalAutoencoderOptions {
  /** Height and width, which each convolution halves, and channels. Default [28, 28, 1]. */
  readonly inputShape?: readonly [height: number, width: number, channels: number];
  /** Channels of each convolution of the encoder; the decoder has them in reverse. Default [32, 64]. */
  readonly filters?: readonly number[];
  /** Units of the dense layer before the code. Default 16. */
  readonly hidden?: number;
  /** Size of the code. Default 2. */
  readonly latentDim?: number;
  /** How much the code's divergence from the standard normal counts; 1 is the bound of the paper. Default 1. */
  readonly beta?: number;
  /** Of the output; sigmoid for values from 0 to 1, linear for others. Default sigmoid. */
  readonly outputActivation?: ActivationLike;
  /** Of the model. Default variational_autoencoder. */
  readonly name?: string;
}

const DEFAULTS: Required<VariationalAutoencoderOptions> = {
  inputShape: [28, 28, 1],
  filters: [32, 64],
  hidden: 16,
  latentDim: 2,
  beta: 1,
  outputActivation: "sigmoid",
  name: "variational_autoencoder",
};

/**
 * Draws codes from normal distributions, given their means and the logarithms of their variances:
 * μ + exp(log σ² / 2) · ε; the mean itself when not training. It adds the divergence from the
 * standard normal, ½ Σ (μ² + σ² − log σ² − 1), times `weight`, to the loss.
 */
const sampling = defineLayer({
  className: "NormalSampling",
  defaults: { weight: 1 },
  call: ({ addLoss, config, key, training }, mean, logVariance) => {
    const divergence = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sum({ axes: -1 }).mul(0.5); // [B]
    addLoss(divergence.mean().mul(config.weight));
    return training ? mean.add(logVariance.mul(0.5).exp().mul(randomNormal(key(), mean.shape))) : mean;
  },
});

/**
 * A variational autoencoder: its codes are drawn from distributions that are kept close to the
 * standard normal, so that the decoder turns any normal code into a new sample. The encoder gives
 * means. With the defaults 134,165 parameters, 65,089 of them in the decoder.
 *
 * Compile it with a loss that is a mean over elements, such as binaryCrossentropy: the divergence is
 * divided by their number too.
 *
 * @shape [B,H,W,C] → [B,latentDim] → [B,H,W,C]
 * @throws BAD_ARGUMENT when the image cannot be halved so often
 * @source Kingma, Welling 2013; sizes of the example in Keras's documentation
 * @example
 * const { model, decoder } = variationalAutoencoder({ inputShape: [8, 8, 1], filters: [8, 16] });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy" });
 * const drawn = await decoder.predict([[0, 0], [1, -1]]);
 * console.log(drawn.shape); // [2, 8, 8, 1]
 */
export function variationalAutoencoder(options: VariationalAutoencoderOptions = {}): Autoencoder {
  const config = resolveOptions("variationalAutoencoder", DEFAULTS, options);
  const { inputShape, filters, hidden, latentDim, outputActivation, name } = config;
  checkSizes("variationalAutoencoder", "filters", filters);
  checkImages("variationalAutoencoder", inputShape, filters.length);
  const [height, width, channels] = inputShape;

  const image = layers.input(inputShape);
  let x: SymbolicTensor = image;
  for (const count of filters) x = layers.conv2d({ filters: count, kernelSize: 3, strides: 2, padding: "same", activation: "relu" })(x);
  const shape = x.shape.slice(1).map(Number);
  x = layers.dense({ units: hidden, activation: "relu" })(layers.flatten()(x));
  const mean = layers.dense({ units: latentDim, name: "z_mean" })(x);
  const logVariance = layers.dense({ units: latentDim, name: "z_log_var" })(x);
  const weight = config.beta / (height * width * channels);
  const code = sampling({ weight, name: "z" })([mean, logVariance]);
  const encoder = new Model({ inputs: image, outputs: mean, name: "encoder" });

  const latent = layers.input([latentDim]);
  const size = shape.reduce((product, dim) => product * dim, 1);
  let y = layers.reshape({ targetShape: shape })(layers.dense({ units: size, activation: "relu" })(latent));
  for (const count of [...filters].reverse()) {
    y = layers.conv2dTranspose({ filters: count, kernelSize: 3, strides: 2, padding: "same", activation: "relu" })(y);
  }
  y = layers.conv2dTranspose({ filters: channels, kernelSize: 3, padding: "same", activation: outputActivation })(y);
  const decoder = new Model({ inputs: latent, outputs: y, name: "decoder" });

  return { model: new Model({ inputs: image, outputs: decoder(code), name }), encoder, decoder };
}
