import type { ActivationLike } from "../../activations/index.js";
import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { badOption } from "../../options.js";

/** Options of networks that sort images. */
export interface ImageClassifierOptions {
  /** Height, width and channels. Default [224, 224, 3], unless the network says otherwise. */
  readonly inputShape?: readonly [height: number, width: number, channels: number];
  /** Default 1000, the classes of ImageNet, unless the network says otherwise. */
  readonly classes?: number;
  /** Of the last layer; "linear" gives logits. Default softmax. */
  readonly classifierActivation?: ActivationLike;
  /** Whether the classifier is there; without it the output is the last feature map. Default true. */
  readonly includeTop?: boolean;
  /** Factor on the numbers of channels, above 0. Default 1. */
  readonly width?: number;
  /** Of the model. Default: the network's name. */
  readonly name?: string;
}

/** What most of these networks were published with. */
export const IMAGE_DEFAULTS: Required<ImageClassifierOptions> = {
  inputShape: [224, 224, 3],
  classes: 1000,
  classifierActivation: "softmax",
  includeTop: true,
  width: 1,
  name: "",
};

/** Gives the number of channels at a width: a whole number of at least 1. */
export function scaled(where: string, width: number): (channels: number) => number {
  if (!(width > 0) || width === Infinity) throw badOption(where, "width", "a number above 0", width);
  return (channels) => Math.max(1, Math.round(channels * width));
}

/** The classifier of the newer networks, where one is wanted: the mean of each channel, and a dense layer. */
export function classify(x: SymbolicTensor, config: Required<ImageClassifierOptions>, poolName?: string, dropRate = 0): SymbolicTensor {
  const { classes, classifierActivation, includeTop } = config;
  if (!includeTop) return x;
  const pooled = layers.globalAveragePooling2d(poolName === undefined ? {} : { name: poolName })(x);
  const kept = dropRate > 0 ? layers.dropout({ rate: dropRate })(pooled) : pooled;
  return layers.dense({ units: classes, activation: classifierActivation, name: "predictions" })(kept);
}
