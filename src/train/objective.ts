import { errorAt, NacreError, unknownName } from "../error.js";
import type { Masked } from "../layers/layer.js";
import type { Variable } from "../layers/variable.js";
import * as losses from "../losses/index.js";
import type { Loss, LossLike } from "../losses/index.js";
import * as metrics from "../metrics/index.js";
import type { Metric, MetricLike } from "../metrics/index.js";
import { camelCase } from "../registry.js";
import { add, mul } from "../ops/elementwise/binary.js";
import type { Tensor } from "../tensor/tensor.js";
import type { ModelTrace } from "./trace.js";

/** One value for all outputs, a list in their order, or one by output name. */
export type PerOutput<T> = T | readonly T[] | { readonly [output: string]: T };

/** What one output is trained and judged by. */
export interface OutputGoal {
  readonly output: string;
  readonly loss: Loss | undefined;
  readonly weight: number;
  readonly metrics: readonly OutputMetric[];
}

/** A metric of one output, and the key under which results hold it; `"accuracy"` waits for the shapes. */
export interface OutputMetric {
  readonly key: string;
  readonly metric: Metric | "accuracy";
  /** Whether sample weights count. */
  readonly weighted: boolean;
}

/** A metric's sufficient statistics of one batch. */
export interface MetricStatistics {
  readonly key: string;
  readonly metric: Metric;
  readonly stats: Readonly<Record<string, Tensor>>;
}

/** What a batch is worth: the loss that training makes small, and the statistics of the metrics. */
export interface Assessment {
  readonly loss: Tensor;
  /** Each output's own loss, where there are several outputs. */
  readonly outputLosses: readonly { readonly key: string; readonly loss: Tensor }[];
  readonly metrics: readonly MetricStatistics[];
}

/** What of `compile`'s options makes an objective. */
export interface ObjectiveOptions {
  readonly loss: PerOutput<LossLike>;
  readonly lossWeights?: PerOutput<number>;
  readonly metrics?: MetricLists;
  readonly weightedMetrics?: MetricLists;
}

/** Metrics of every output, or of each by name. */
type MetricLists = readonly MetricLike[] | { readonly [output: string]: MetricLike | readonly MetricLike[] };

/** Losses whose labels are classes. */
const CLASS_LOSSES = /Crossentropy$|Hinge$/;

/** Losses and metrics of a compiled model, by output. */
export class Objective {
  readonly goals: readonly OutputGoal[];

  constructor(goals: readonly OutputGoal[]) {
    this.goals = goals;
    const keys = this.metricKeys;
    const twice = keys.find((key, i) => keys.indexOf(key) !== i || key === "loss");
    if (twice !== undefined) {
      throw new NacreError({
        code: "BAD_ARGUMENT",
        where: "compile metrics",
        expected: "metrics with different names",
        received: `"${twice}" twice`,
        fix: "give one of them a name option",
      });
    }
  }

  /** The objective for the options of `compile`. */
  static of(outputs: readonly string[], options: ObjectiveOptions): Objective {
    const lossOf = perOutput("loss", outputs, options.loss);
    const weightOf = perOutput("lossWeights", outputs, options.lossWeights ?? 1);
    const metricsOf = metricLists("metrics", outputs, options.metrics ?? []);
    const weightedOf = metricLists("weightedMetrics", outputs, options.weightedMetrics ?? []);
    const goals = outputs.map((output, i): OutputGoal => {
      const loss = lossOf[i];
      const prefix = outputs.length > 1 ? `${output}_` : "";
      const plain = metricsOf[i]!.map((like) => outputMetric(like, prefix, false));
      const weighted = weightedOf[i]!.map((like) => outputMetric(like, prefix, true));
      return {
        output,
        loss: loss === undefined ? undefined : lossFor(loss),
        weight: weightOf[i] ?? 1,
        metrics: [...plain, ...weighted.map((one) => (plain.some(({ key }) => key === one.key) ? { ...one, key: `weighted_${one.key}` } : one))],
      };
    });
    return new Objective(goals);
  }

  /** The keys of `evaluate`'s result, without `loss`. */
  get metricKeys(): readonly string[] {
    return this.goals.flatMap((goal) => goal.metrics.map(({ key }) => key));
  }

  /** The outputs that need labels. */
  get judged(): readonly string[] {
    return this.goals.filter((goal) => goal.loss !== undefined || goal.metrics.length > 0).map((goal) => goal.output);
  }

  /** Whether the labels are classes, going by the losses. */
  get classifies(): boolean {
    return this.goals.some((goal) => goal.loss !== undefined && CLASS_LOSSES.test(goal.loss.className));
  }

  /** Builds loss and statistics for the outputs of a trace. */
  assess(
    trace: ModelTrace,
    variables: readonly Variable[],
    outputs: readonly Masked[],
    labels: readonly (Tensor | undefined)[],
    sampleWeight: Tensor | undefined,
  ): Assessment {
    const outputLosses: { key: string; loss: Tensor }[] = [];
    const statistics: MetricStatistics[] = [];
    const terms: Tensor[] = [...trace.losses];
    this.goals.forEach((goal, i) => {
      const { value: prediction, mask } = outputs[i]!;
      const label = labels[i];
      if (goal.loss !== undefined) {
        if (label === undefined) throw missingLabel(goal.output);
        const { loss: judge } = goal;
        const loss = named(`loss ${camelCase(judge.className)}`, goal.output, () =>
          losses.reduceLoss(judge, label, prediction, sampleWeight, mask),
        );
        outputLosses.push({ key: `${goal.output}_loss`, loss });
        terms.push(goal.weight === 1 ? loss : mul(loss, goal.weight));
      }
      // As in Keras, metrics count every row, and step that is not masked, once, unless they are weighted ones.
      for (const { key, metric, weighted } of goal.metrics) {
        if (label === undefined) throw missingLabel(goal.output);
        const resolved = metric === "accuracy" ? metrics.accuracyFor(label.shape, prediction.shape) : metric;
        const stats = named(`metric ${key}`, goal.output, () => resolved.stats(label, prediction, weighted ? sampleWeight : undefined, mask));
        statistics.push({ key, metric: resolved, stats });
      }
    });
    for (const variable of variables) {
      if (variable.regularizer !== undefined) terms.push(variable.regularizer.call(trace.valueOf(variable)));
    }
    if (terms.length === 0) throw missingLabel("model");
    return {
      loss: terms.reduce((a, b) => add(a, b)),
      outputLosses: this.goals.length > 1 ? outputLosses : [],
      metrics: statistics,
    };
  }
}

/** What `build` gives; an error in it says for which loss or metric of which output. */
function named<T>(what: string, output: string, build: () => T): T {
  try {
    return build();
  } catch (cause) {
    if (!(cause instanceof NacreError)) throw cause;
    const inside = what.endsWith(` ${cause.where}`) ? "" : `, ${cause.where}`;
    throw errorAt(`${what} of output "${output}"${inside}`, cause);
  }
}

/** A function keeps no class name: files would take one named `mse` for the built-in loss. */
function lossFor(loss: LossLike): Loss {
  return typeof loss === "function" ? { ...losses.get(loss), className: `function ${loss.name}` } : losses.get(loss);
}

function outputMetric(like: MetricLike, prefix: string, weighted: boolean): OutputMetric {
  const metric = isAccuracy(like) ? "accuracy" : metrics.get(like as string | Metric);
  return { key: prefix + (typeof like === "string" ? like : like.name), metric, weighted };
}

function isAccuracy(metric: MetricLike): boolean {
  return metric === "accuracy" || metric === "acc";
}

function perOutput<T>(option: string, outputs: readonly string[], value: PerOutput<T>): (T | undefined)[] {
  if (Array.isArray(value)) {
    if (value.length === outputs.length) return value as T[];
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: `compile ${option}`,
      expected: `${outputs.length} entries, one for each of ${outputs.join(", ")}`,
      received: String(value.length),
    });
  }
  if (isRecord(value)) {
    for (const name of Object.keys(value)) {
      if (!outputs.includes(name)) throw unknownName(`compile ${option}`, "output", name, outputs);
    }
    return outputs.map((output) => (value as Record<string, T>)[output]);
  }
  return outputs.map(() => value as T);
}

function metricLists(option: string, outputs: readonly string[], value: MetricLists): (readonly MetricLike[])[] {
  if (Array.isArray(value)) return outputs.map(() => value as readonly MetricLike[]);
  return perOutput(option, outputs, value as { [output: string]: MetricLike | readonly MetricLike[] }).map((list) => [list ?? []].flat());
}

/** A plain object by output name, and no loss or metric. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !("className" in value);
}

function missingLabel(output: string): NacreError {
  return new NacreError({
    code: "BAD_DATA",
    where: output === "model" ? "model" : `output "${output}"`,
    expected: "labels",
    received: "none",
    fix: "give the data a label column, or y beside x",
  });
}
