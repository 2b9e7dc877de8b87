import type { ArrayData, Dataset } from "../data/index.js";
import type { SymbolicTensor } from "../layers/symbolic.js";
import type { LossLike } from "../losses/index.js";
import type { Metric, MetricLike } from "../metrics/index.js";
import type { OptimizerLike } from "../optimizers/index.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Callback } from "../train/callback.js";
import type { GroupOptions } from "../train/groups.js";
import type { PerOutput } from "../train/objective.js";
import type { ArraySet } from "./fitData.js";

/** Options of a model. */
export interface ModelOptions {
  /** What it takes: one `layers.input`, or several. */
  readonly inputs: SymbolicTensor | readonly SymbolicTensor[];
  /** A list, or an object whose keys name the outputs. */
  readonly outputs: SymbolicTensor | readonly SymbolicTensor[] | Readonly<Record<string, SymbolicTensor>>;
  /** What errors and summaries call it. Default `functional`. */
  readonly name?: string;
  /** Seed of the first weights. Default: the seed of the first `fit`, else 0. */
  readonly seed?: number;
}

/** Metrics of every output, or of each by name. */
export type MetricsOption = readonly MetricLike[] | { readonly [output: string]: MetricLike | readonly MetricLike[] };

/** What a model is trained with. */
export interface CompileOptions<M extends MetricsOption = MetricsOption, W extends MetricsOption = MetricsOption> {
  /** How weights follow their gradients: a name, or an optimizer with options. */
  readonly optimizer: OptimizerLike;
  /** A loss, or one for each output by list or name. */
  readonly loss: PerOutput<LossLike>;
  /** How much each output's loss counts. Default 1. */
  readonly lossWeights?: PerOutput<number>;
  /** Where there are several outputs, results hold a metric under `output_metric`. Default none. */
  // The wider type beside M makes editors offer all names, not those alone that are there already.
  readonly metrics?: M | MetricsOption;
  /** Metrics that count rows by their sample and class weights, as Keras's `weighted_metrics` do; one that `metrics` has too is `weighted_…` in results. Default none. */
  readonly weightedMetrics?: W | MetricsOption;
  /** Weights with a learning rate or weight decay of their own; a weight that several mean belongs to the first. Default none. */
  readonly groups?: readonly GroupOptions[];
}

/** The keys of metrics in the results of a model with one output. */
export type MetricKey<M extends MetricsOption> = M extends readonly MetricLike[]
  ? M[number] extends infer L
    ? L extends string
      ? L
      : L extends Metric
        ? string
        : never
    : never
  : string;

/** The keys of weighted metrics `W` beside those of metrics `M`. */
type WeightedKey<M extends string, W extends string> = Exclude<W, M> | `weighted_${Extract<W, M>}`;

/** The keys of all metrics in the results of a model with one output; inferred, so that editors show them and not this formula. */
export type MetricKeys<M extends MetricsOption, W extends MetricsOption> =
  MetricKey<M> | WeightedKey<MetricKey<M>, MetricKey<W>> extends infer K extends string ? K : never;

/** What `evaluate` gives: the loss, and each metric by its key. */
export type Results<K extends string> = string extends K ? Record<string, number> & { readonly loss: number } : Record<K | "loss", number>;

/** Options of `fit`. */
export interface FitOptions {
  /** How often all rows are seen. Default 1. */
  readonly epochs?: number;
  /** Rows in a step. Default: what the dataset's `batch` set, else 32. */
  readonly batchSize?: number;
  /**
   * Data to validate on after each epoch, or the share of data in memory to set aside: a seeded
   * draw, stratified where the loss is one of classes. Default none.
   */
  readonly validation?: number | Dataset | ArraySet;
  /** Whether rows come in a new order each epoch. Default true. */
  readonly shuffle?: boolean;
  /** Whole number; fixes the order of rows, dropout and, where they are not set, the first weights. Default 0. */
  readonly seed?: number;
  /** What is called as training goes on. Default none. */
  readonly callbacks?: readonly Callback[];
  /** How much each class counts in the loss, by its number. Default 1. */
  readonly classWeight?: Readonly<Record<number, number>>;
  /** Aborting ends training after the batch under way, with all done work kept. */
  readonly signal?: AbortSignal;
  /** `"auto"` draws a bar in a terminal and prints lines elsewhere. Default auto. */
  readonly verbose?: "auto" | "silent";
  /**
   * Goes on from where an earlier `fit`, maybe of a loaded model, was interrupted, if one was.
   * Data and options must be the same. Default false.
   */
  readonly resume?: boolean;
}

/** The names of {@link FitOptions}. */
export const FIT_OPTIONS: readonly (keyof FitOptions)[] = [
  "epochs",
  "batchSize",
  "validation",
  "shuffle",
  "seed",
  "callbacks",
  "classWeight",
  "signal",
  "verbose",
  "resume",
];

/** What `predict` takes. */
export type PredictData = Tensor | ArrayData | Dataset | Readonly<Record<string, Tensor | ArrayData>>;
