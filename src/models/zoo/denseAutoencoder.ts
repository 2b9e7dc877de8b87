import * as layers from "../../layers/index.js";
import type { ActivationLike } from "../../activations/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { type Autoencoder, autoencoder } from "./autoencoder.js";
import { checkSizes } from "./check.js";

/** Options of {@link denseAutoencoder}. */
export interface DenseAutoencoderOptions {
  /** Shape of one sample; more than one axis is flattened, and restored. Default [28, 28]. */
  readonly inputShape?: readonly number[];
  /** Units of each layer of the encoder; the decoder has them in reverse. Default [128, 64]. */
  readonly hidden?: readonly number[];
  /** Size of the code. Default 32. */
  readonly latentDim?: number;
  /** Of the output; sigmoid for values from 0 to 1, linear for others. Default sigmoid. */
  readonly outputActivation?: ActivationLike;
  /** Of the model. Default dense_autoencoder. */
  readonly name?: string;
}

const DEFAULTS: Required<DenseAutoencoderOptions> = {
  inputShape: [28, 28],
  hidden: [128, 64],
  latentDim: 32,
  outputActivation: "sigmoid",
  name: "dense_autoencoder",
};

/**
 * An autoencoder of dense layers: it learns to give back its input through a narrow code, and so to
 * say in few numbers what a sample is. With the defaults 222,384 parameters.
 *
 * @throws BAD_ARGUMENT when inputShape or hidden is no list of whole numbers
 * @shape [B,...inputShape] → [B,latentDim] → [B,...inputShape]
 * @source Hinton, Salakhutdinov 2006
 * @example
 * const { model, encoder } = denseAutoencoder({ inputShape: [4], hidden: [8], latentDim: 2 });
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 * const x = [[0, 0, 1, 1], [1, 1, 0, 0]];
 * await model.fit({ x, y: x }, { epochs: 5, verbose: "silent" });
 * console.log((await encoder.predict(x)).shape); // [2, 2]
 */
export function denseAutoencoder(options: DenseAutoencoderOptions = {}): Autoencoder {
  const { inputShape, hidden, latentDim, outputActivation, name } = resolveOptions("denseAutoencoder", DEFAULTS, options);
  checkSizes("denseAutoencoder", "inputShape", inputShape);
  checkSizes("denseAutoencoder", "hidden", hidden);
  const size = inputShape.reduce((product, dim) => product * dim, 1);
  const dense = (x: SymbolicTensor, units: number): SymbolicTensor => layers.dense({ units, activation: "relu" })(x);

  const input = layers.input(inputShape);
  const flat = inputShape.length > 1 ? layers.flatten()(input) : input;
  const code = dense(hidden.reduce(dense, flat), latentDim);
  const encoder = new Model({ inputs: input, outputs: code, name: "encoder" });

  const latent = layers.input([latentDim]);
  const pixels = layers.dense({ units: size, activation: outputActivation })([...hidden].reverse().reduce(dense, latent));
  const restored = inputShape.length > 1 ? layers.reshape({ targetShape: inputShape })(pixels) : pixels;
  const decoder = new Model({ inputs: latent, outputs: restored, name: "decoder" });

  return autoencoder(name, encoder, decoder, layers.input(inputShape));
}
