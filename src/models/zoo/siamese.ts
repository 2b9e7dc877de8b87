import { defineLayer } from "../../layers/define.js";
import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { abs } from "../../ops/elementwise/unary.js";
import { badOption, resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { scaled } from "./imageOptions.js";

/** Options of {@link siamese}. */
export interface SiameseOptions {
  /** Height, width and channels of both images, of at least 65 pixels a side. Default [105, 105, 1]. */
  readonly inputShape?: readonly [height: number, width: number, channels: number];
  /** Factor on the numbers of channels and units, above 0. Default 1. */
  readonly width?: number;
  /** A model of one input and one output [B,units] that takes the place of the paper's convolutions. Default none. */
  readonly encoder?: Model;
  /** Of the model. Default siamese. */
  readonly name?: string;
}

/** A siamese network with the part that looks at one image. */
export interface Siamese {
  /** From the images `left` and `right` to the probability that they show the same. */
  readonly model: Model;
  /** From an image to its features. */
  readonly encoder: Model;
}

const DEFAULTS = {
  inputShape: [105, 105, 1] as readonly [number, number, number],
  width: 1,
  encoder: undefined as Model | undefined,
  name: "siamese",
};

/** |a − b| */
const distance = defineLayer({ className: "AbsoluteDifference", defaults: {}, call: (_, a, b) => abs(a.sub(b)) });

/**
 * Two twins with the same weights look at two images, and a weighted distance of what they see says
 * whether both show the same: so one example of a new class is enough. With the defaults 38,951,745
 * parameters; label 1 is "the same", for binaryCrossentropy.
 *
 * @shape [B,H,W,C], [B,H,W,C] → [B,1]
 * @throws BAD_ARGUMENT when the encoder has several inputs or outputs
 * @source Koch, Zemel, Salakhutdinov 2015
 * @example
 * const pixels = layers.input([8, 8, 1]);
 * const encoder = new Model({ inputs: pixels, outputs: layers.dense({ units: 16 })(layers.flatten()(pixels)) });
 * const { model } = siamese({ encoder });
 * console.log(model.inputNames, model.outputs[0].shape); // [left, right] [batch, 1]
 */
export function siamese(options: SiameseOptions = {}): Siamese {
  const config = resolveOptions("siamese", DEFAULTS, options as Partial<typeof DEFAULTS>);
  const encoder = config.encoder ?? convolutions(config.inputShape, scaled("siamese", config.width));
  if (encoder.inputs.length !== 1 || encoder.outputs.length !== 1) {
    throw badOption("siamese", "encoder", "a model of one input and one output", `${encoder.inputs.length} and ${encoder.outputs.length}`);
  }
  const shape = encoder.inputs[0]!.shape.slice(1).map(Number);
  const [left, right] = [layers.input(shape, { name: "left" }), layers.input(shape, { name: "right" })];
  const apart = distance({ name: "distance" })([encoder(left), encoder(right)]);
  const same = layers.dense({ units: 1, activation: "sigmoid", name: "predictions" })(apart);
  return { model: new Model({ inputs: [left, right], outputs: same, name: config.name }), encoder };
}

function convolutions(inputShape: readonly number[], channels: (count: number) => number): Model {
  const image = layers.input(inputShape);
  let x: SymbolicTensor = image;
  for (const [filters, kernelSize] of [[64, 10], [128, 7], [128, 4]] as const) {
    x = layers.conv2d({ filters: channels(filters), kernelSize, activation: "relu" })(x);
    x = layers.maxPooling2d()(x);
  }
  x = layers.conv2d({ filters: channels(256), kernelSize: 4, activation: "relu" })(x);
  x = layers.dense({ units: channels(4096), activation: "sigmoid" })(layers.flatten()(x));
  return new Model({ inputs: image, outputs: x, name: "encoder" });
}
