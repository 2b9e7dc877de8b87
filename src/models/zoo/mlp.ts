import type { ActivationLike } from "../../activations/index.js";
import * as layers from "../../layers/index.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { checkSizes } from "./check.js";

/** Options of {@link mlp}. */
export interface MlpOptions {
  /** Shape of one sample; more than one axis is flattened. Default [28, 28]. */
  readonly inputShape?: readonly number[];
  /** Default 10. */
  readonly classes?: number;
  /** Units of each hidden layer. Default [512, 512]. */
  readonly hidden?: readonly number[];
  /** Of the hidden layers. Default relu. */
  readonly activation?: ActivationLike;
  /** Share of hidden units dropped while training, from 0 to under 1. Default 0.2. */
  readonly dropout?: number;
  /** Of the last layer; "linear" gives logits. Default softmax. */
  readonly classifierActivation?: ActivationLike;
  /** Of the model. Default mlp. */
  readonly name?: string;
}

const DEFAULTS: Required<MlpOptions> = {
  inputShape: [28, 28],
  classes: 10,
  hidden: [512, 512],
  activation: "relu",
  dropout: 0.2,
  classifierActivation: "softmax",
  name: "mlp",
};

/**
 * A multilayer perceptron: dense layers in a row, each looking at all units of the one before.
 * The defaults sort the digits of MNIST with 669,706 parameters.
 *
 * @shape [B,...inputShape] → [B,classes]
 * @throws BAD_ARGUMENT when hidden is no list of whole numbers
 * @source Rosenblatt 1958; Rumelhart, Hinton, Williams 1986
 * @example
 * const model = mlp({ inputShape: [4], classes: 3, hidden: [16] });
 * console.log(model.parameterCount); // 131
 */
export function mlp(options: MlpOptions = {}): Model {
  const { inputShape, classes, hidden, activation, dropout, classifierActivation, name } = resolveOptions("mlp", DEFAULTS, options);
  checkSizes("mlp", "hidden", hidden);
  const input = layers.input(inputShape);
  let x = inputShape.length > 1 ? layers.flatten()(input) : input;
  for (const units of hidden) {
    x = layers.dense({ units, activation })(x);
    if (dropout > 0) x = layers.dropout({ rate: dropout })(x);
  }
  const y = layers.dense({ units: classes, activation: classifierActivation, name: "predictions" })(x);
  return new Model({ inputs: input, outputs: y, name });
}
