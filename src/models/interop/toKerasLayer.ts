import { NacreError } from "../../error.js";
import * as layers from "../../layers/index.js";
import { Layer } from "../../layers/layer.js";
import { layerConfig } from "../config.js";
import { Model } from "../model.js";
import { ROOM_CLASSES } from "../rooms.js";
import { type StoredKerasObject, toKeras } from "./toKeras.js";

/** Layers here that Keras has not. */
const OWN = new Set([
  "ConvLSTM1DCell",
  "ConvLSTM2DCell",
  "ConvLSTM3DCell",
  "Lambda",
  "OnnxGraph",
  "PositionEmbedding",
  "RotaryEmbedding",
  "SinePositionEncoding",
  "TransformerDecoder",
  "TransformerEncoder",
]);

/** The built-in layers by their names, in lower case. */
const BUILT_IN = new Set(Object.keys(layers).map((name) => name.toLowerCase()));

/** Classes whose files hold another of their names. */
const FILED_AS: Readonly<Record<string, string>> = { GroupedQueryAttention: "GroupQueryAttention" };

/** Options that a class has here and not in Keras, with the value that they then have there. */
const LACKING: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Cropping1D: { dataFormat: "channelsLast" },
  SpatialDropout1D: { dataFormat: "channelsLast" },
  UpSampling1D: { dataFormat: "channelsLast", interpolation: "nearest" },
  UpSampling3D: { interpolation: "nearest" },
};

/** Options that hold a list of the one axis here, and in Keras what is in it. */
const OF_ONE_AXIS: Readonly<Record<string, string>> = { Cropping1D: "cropping", UpSampling1D: "size", ZeroPadding1D: "padding" };

/** Options that Keras takes only where they say something. */
const OPTIONAL: Readonly<Record<string, unknown>> = { activityRegularizer: null, stateful: false, zeroOutputForMask: false };

const FLOAT32 = { module: "keras", class_name: "DTypePolicy", config: { name: "float32" }, registered_name: null };

/** Layers whose numbers are whole, or who do not take a dtype policy. */
const OWN_DTYPE = new Set(["Discretization"]);

/** Makes a model, which may be a layer, or inside one. */
export type ModelToKeras = (model: Model, name: string) => StoredKerasObject;

/**
 * A layer as Keras stores it; `model` makes those inside that are models.
 *
 * @throws UNSUPPORTED naming layer and class when Keras has no such layer, or not one of its options
 */
export function layerToKeras(layer: Layer, name: string, model: ModelToKeras): StoredKerasObject {
  if (layer instanceof Model) return model(layer, name);
  const { className, trainable } = layer;
  if (OWN.has(className) || !(BUILT_IN.has(className.toLowerCase()) || ROOM_CLASSES.has(className))) {
    throw notInKeras(layer, "a layer that Keras has", "one that it has not", "replace it by layers of Keras, or save a .nacre file");
  }
  const lacking = LACKING[className] ?? {};
  const plain = layerConfig(layer).config;
  const options: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(layer.config)) {
    if (value === OPTIONAL[option]) continue;
    if (!(option in lacking)) options[option] = holdsLayers(value) ? inside(layer, value, model) : plain[option];
    else if (value !== lacking[option] && value !== null) {
      throw notInKeras(layer, `option ${option}: ${JSON.stringify(lacking[option])}, as Keras has it`, JSON.stringify(value), "leave the option away");
    }
  }
  const single = OF_ONE_AXIS[className];
  if (single !== undefined) options[single] = (options[single] as readonly unknown[])[0];
  const object = toKeras({ className: FILED_AS[className] ?? className, config: options }, "keras.layers");
  const common = { name: kerasName(name), ...(trainable ? {} : { trainable }), ...(OWN_DTYPE.has(className) ? {} : { dtype: FLOAT32 }) };
  return { ...object, config: { ...common, ...object.config } };
}

/** A name that Keras takes: without the sign that separates names in its paths. */
export function kerasName(name: string): string {
  return name.replaceAll("/", "_");
}

function holdsLayers(value: unknown): value is Layer | Layer[] {
  return value instanceof Layer || (Array.isArray(value) && value.some((item) => item instanceof Layer));
}

function inside(outer: Layer, value: Layer | Layer[], model: ModelToKeras): unknown {
  const one = (layer: Layer): StoredKerasObject => layerToKeras(layer, outer.inner.get(layer) ?? layer.name, model);
  return Array.isArray(value) ? value.map(one) : one(value);
}

function notInKeras({ className, name }: Layer, expected: string, received: string, fix: string): NacreError {
  return new NacreError({ code: "UNSUPPORTED", where: `.keras file, layer "${name}" of class ${className}`, expected, received, fix });
}
