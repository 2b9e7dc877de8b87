import type { SymbolicTensor } from "../../layers/symbolic.js";
import { Model } from "../model.js";

/** An autoencoder with its two halves, which share its weights. */
export interface Autoencoder {
  /** The whole, to be trained with its input as label. */
  readonly model: Model;
  /** From samples to codes. */
  readonly encoder: Model;
  /** From codes to samples. */
  readonly decoder: Model;
}

/** Puts the halves of an autoencoder together; `change` is what befalls the input while training. */
export function autoencoder(
  name: string,
  encoder: Model,
  decoder: Model,
  input: SymbolicTensor,
  change: (x: SymbolicTensor) => SymbolicTensor = (x) => x,
): Autoencoder {
  return { model: new Model({ inputs: input, outputs: decoder(encoder(change(input))), name }), encoder, decoder };
}
