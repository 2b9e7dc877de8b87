import { NacreError } from "../../error.js";
import * as losses from "../../losses/all.js";
import { serialize as serializeLoss } from "../../losses/index.js";
import * as metrics from "../../metrics/all.js";
import { serialize as serializeMetric } from "../../metrics/index.js";
import * as optimizers from "../../optimizers/all.js";
import { serialize as serializeOptimizer } from "../../optimizers/index.js";
import type { Serialized } from "../../registry.js";
import type { OutputGoal, OutputMetric } from "../../train/objective.js";
import type { OptimizerState } from "../../train/optimizerState.js";
import type { Model } from "../model.js";
import { outputKind } from "./kerasPorts.js";
import { snakeCase, toKeras } from "./toKeras.js";

/** Metrics here that Keras has not. */
const OWN_METRICS = ["Huber"];

/** The `compile_config` of a model: optimizer, losses, metrics. @throws UNSUPPORTED for those that Keras has not */
export function compileToKeras(model: Model): object {
  const { objective, optimizer } = model.compiled!;
  const { goals } = objective;
  const several = goals.length > 1;
  const per = <T>(of: (goal: OutputGoal) => T): unknown => {
    const kind = outputKind(model);
    const values = goals.map(of);
    return kind === "one" ? values[0] : kind === "list" ? values : Object.fromEntries(goals.map(({ output }, i) => [output, values[i]]));
  };
  return {
    optimizer: optimizerToKeras(optimizer),
    loss: per(({ loss }) => (loss === undefined ? null : known("loss", losses, "keras.losses", serializeLoss(loss)))),
    loss_weights: goals.every(({ weight }) => weight === 1) ? null : several ? per(({ weight }) => weight) : goals[0]!.weight,
    metrics: per((goal) => metricsToKeras(goal, several, false)),
    weighted_metrics: goals.some((goal) => goal.metrics.some(({ weighted }) => weighted)) ? per((goal) => metricsToKeras(goal, several, true)) : null,
    run_eagerly: false,
    steps_per_execution: 1,
  };
}

function metricsToKeras({ output, metrics: all }: OutputGoal, several: boolean, weighted: boolean): unknown[] {
  return all.filter((metric) => metric.weighted === weighted).map((metric) => metricToKeras(metric, several ? `${output}_` : ""));
}

function metricToKeras({ key, metric, weighted }: OutputMetric, prefix: string): unknown {
  if (metric === "accuracy") return "accuracy";
  const { className, config } = serializeMetric(metric);
  if (OWN_METRICS.includes(className)) throw notInKeras("metric", className);
  const plain = weighted ? key.replace(/^weighted_/, "") : key;
  const name = snakeCase(plain.startsWith(prefix) ? plain.slice(prefix.length) : plain);
  return known("metric", metrics, "keras.metrics", { className, config: { ...config, name } });
}

/** Keras's schedules. */
const SCHEDULES: readonly string[] = [
  "CosineDecay",
  "CosineDecayRestarts",
  "ExponentialDecay",
  "InverseTimeDecay",
  "PiecewiseConstantDecay",
  "PolynomialDecay",
];

function optimizerToKeras({ optimizer, learningRate, groups }: OptimizerState): object {
  if (groups.length > 0) throw notInKeras("compile option", "groups");
  const { className, config } = serializeOptimizer(optimizer);
  const { excludeFromWeightDecay, ...options } = config as Readonly<Record<string, unknown>>;
  if ((excludeFromWeightDecay as readonly string[]).length > 0) throw notInKeras("optimizer option", "excludeFromWeightDecay");
  if (learningRate === undefined && typeof optimizer.learningRate !== "number" && !SCHEDULES.includes(optimizer.learningRate.className)) {
    throw notInKeras("schedule", optimizer.learningRate.className);
  }
  const rate = learningRate ?? (typeof optimizer.learningRate === "number" ? optimizer.learningRate : options["learningRate"]);
  return known("optimizer", optimizers, "keras.optimizers", { className, config: { ...options, learningRate: rate } });
}

/** A stored form of one of our own classes, which Keras has as well; of others nobody knows whether it has. */
function known(kind: string, all: object, module: string, stored: Serialized): object {
  const { className } = stored;
  if (!Object.keys(all).some((name) => name.toLowerCase() === className.toLowerCase())) throw notInKeras(kind, className);
  return toKeras(stored, module);
}

function notInKeras(kind: string, received: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `.keras file, ${kind}`,
    expected: "one that Keras has and stores",
    received,
    fix: "compile the model with another one before saving it, or save a .nacre file",
  });
}
