import type { Dataset } from "../../data/index.js";
import type { Layer } from "../../layers/layer.js";
import type { DType } from "../../tensor/dtype.js";

/** What an ONNX file of ours says and does beside the computation itself. */
export interface GraphOptions {
  /** The version of the standard operators, from 17 to 21. Default 21, or what carried nodes of an imported file ask for. */
  readonly opset?: number;
  /** Other names for inputs, by their names here, such as `{ input: "pixel_values" }`. */
  readonly inputNames?: Readonly<Record<string, string>>;
  /** Other names for outputs, by their names here. */
  readonly outputNames?: Readonly<Record<string, string>>;
  /** Sizes or other names for free dimensions, such as `{ batch: 1 }` or `{ batch: "N" }`. Default: they stay free. */
  readonly dimensions?: Readonly<Record<string, number | string>>;
  /** What the classes 0, 1, 2, … are called; stored as JSON under `class_names`. */
  readonly classNames?: readonly string[];
  /** Outputs that say which class it is: `label_index`, and `label` where there are class names. Default false. */
  readonly labels?: boolean | LabelOptions;
  /** How raw data becomes the input, in words or as data; stored as JSON under `preprocessing`. */
  readonly preprocessing?: string | Readonly<Record<string, unknown>>;
  /** Results on test data, such as `{ accuracy: 0.98 }`; stored as JSON under `metrics`. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** What the weights were fitted to, or its fingerprint; the fingerprint is stored under `training_data`. */
  readonly trainingData?: Dataset | string;
  /** The program that made the file. Default Nacre and its version. */
  readonly producer?: { readonly name: string; readonly version?: string };
  /** The version of the model itself, a whole number from 0. */
  readonly modelVersion?: number;
  /** What the model is, in words. */
  readonly description?: string;
  /** Further entries of the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Options of `model.toOnnx`. */
export interface OnnxOptions extends GraphOptions {
  /** What the file's graph does with raw data before the model sees it, by the input's name. */
  readonly prepare?: Readonly<Record<string, Preparation>>;
}

/** Options of `model.export`. */
export interface ExportOptions extends OnnxOptions, FileOptions {}

/** How a file is written. */
export interface FileOptions {
  /**
   * Whether weights lie in a second file beside it, `NAME.onnx.data`: always, never, or once they
   * have more than some bytes. Default `{ thresholdBytes: 1e9 }`; ONNX files hold at most 2 GB.
   */
  readonly externalData?: boolean | { readonly thresholdBytes: number };
}

/** How the graph of a file makes a model's input out of raw data. */
export interface Preparation {
  /** Layers in a row, such as `layers.rescaling({ scale: 1 / 255 })` or a `layers.normalization` that was adapted. */
  readonly layers: readonly Layer[];
  /** What the file takes; layers get it as float32. Default `"uint8"`, as the bytes of pictures. */
  readonly dtype?: DType;
  /** The shape of one raw sample. Default: that of the model's input. */
  readonly shape?: readonly number[];
}

/** How an output becomes a class. */
export interface LabelOptions {
  /** The output that has a number for each class on its last axis, or one number. Default: the only one. */
  readonly output?: string;
  /** How many classes are told, the likeliest first, with their numbers as `label_score`. Default: the likeliest alone, without an axis. */
  readonly top?: number;
  /** With one number: above this it is class 1. Default 0.5; 0 suits logits. */
  readonly threshold?: number;
}

/** The names in {@link GraphOptions}. */
export const GRAPH_OPTIONS = [
  "opset",
  "inputNames",
  "outputNames",
  "dimensions",
  "classNames",
  "labels",
  "preprocessing",
  "metrics",
  "trainingData",
  "producer",
  "modelVersion",
  "description",
  "metadata",
] as const;
