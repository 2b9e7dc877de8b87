import type { Serialized } from "../registry.js";
import type { CallbackState } from "../train/callback.js";
import type { TrainPosition } from "../train/position.js";
import type { TotalsState } from "../train/totals.js";
import type { ModelConfig } from "./config.js";
import type { EditsEntry } from "./edits.js";
import type { Field } from "./fields.js";

/** Between a callback's name and its tensor's in `callbacks.safetensors`. */
export const SEPARATOR = "//";

/** `model.json`: the architecture, and what it is trained with. */
export interface ModelEntry extends EditsEntry {
  readonly model: ModelConfig;
  /** Of the first weights; null where it was never asked for. */
  readonly seed: number | null;
  readonly compile: CompileEntry | null;
}

export interface CompileEntry {
  readonly optimizer: Serialized;
  readonly goals: readonly {
    readonly output: string;
    readonly loss: Serialized | null;
    readonly weight: number;
    readonly metrics: readonly { readonly key: string; readonly metric: Serialized | "accuracy"; readonly weighted?: boolean }[];
  }[];
  /** Weights that are trained otherwise than the rest; left out where there are none. */
  readonly groups?: readonly GroupEntry[];
}

/** A group with the paths of its weights. */
export interface GroupEntry {
  readonly variables: readonly string[];
  readonly learningRateMultiplier: number;
  /** Left out for the optimizer's. */
  readonly weightDecay?: number | null;
}

/** `train.json`: how far training has come. */
export interface TrainEntry {
  readonly step: number;
  /** What a callback set the learning rate to; null for the optimizer's own. */
  readonly learningRate: number | null;
  readonly position: PositionEntry | null;
}

/** A {@link TrainPosition} without the tensors of its callbacks. */
export type PositionEntry = Omit<TrainPosition, "callbacks"> & { readonly callbacks: Record<string, CallbackState["values"]> };

const LEAST_SEED = -Number.MAX_SAFE_INTEGER;

/** All of it but the model, which is built and edited as it is read. @throws BAD_FILE when it is not what {@link ModelEntry} says */
export function readModelEntry(field: Field): Pick<ModelEntry, "seed" | "compile"> {
  return {
    seed: field.at("seed").nullable((seed) => seed.whole(LEAST_SEED)),
    compile: field.at("compile").nullable(readCompile),
  };
}

/** @throws BAD_FILE when it is not what {@link TrainEntry} says */
export function readTrainEntry(field: Field): TrainEntry {
  return {
    step: field.at("step").whole(),
    learningRate: field.at("learningRate").nullable((rate) => rate.number()),
    position: field.at("position").nullable(readPosition),
  };
}

function readCompile(field: Field): CompileEntry {
  return {
    optimizer: readSerialized(field.at("optimizer")),
    goals: field.at("goals").list((goal) => ({
      output: goal.at("output").text(),
      loss: goal.at("loss").nullable(readSerialized),
      weight: goal.at("weight").number(),
      metrics: goal.at("metrics").list((item) => ({
        key: item.at("key").text(),
        metric: readMetric(item),
        weighted: item.at("weighted").optional((weighted) => weighted.flag()) ?? false,
      })),
    })),
    groups: field.at("groups").optional((groups) => groups.list(readGroup)) ?? [],
  };
}

function readGroup(field: Field): GroupEntry {
  const weightDecay = field.at("weightDecay").optional((share) => share.number());
  return {
    variables: field.at("variables").list((path) => path.text()),
    learningRateMultiplier: field.at("learningRateMultiplier").number(),
    ...(weightDecay === undefined ? {} : { weightDecay }),
  };
}

function readMetric(item: Field): Serialized | "accuracy" {
  return item.record()["metric"] === "accuracy" ? "accuracy" : readSerialized(item.at("metric"));
}

function readSerialized(field: Field): Serialized {
  return { className: field.at("className").text(), config: field.at("config").record() };
}

function readPosition(field: Field): PositionEntry {
  return {
    epoch: field.at("epoch").whole(),
    batch: field.at("batch").whole(),
    batchSize: field.at("batchSize").whole(1),
    seed: field.at("seed").whole(LEAST_SEED),
    stopped: field.at("stopped").optional((reason) => reason.text()) ?? undefined,
    totals: field.at("totals").optional(readTotals) ?? undefined,
    history: field.at("history").list((logs) => logs.map((value) => value.number())),
    callbacks: field.at("callbacks").map((values) => values.record()),
  };
}

function readTotals(field: Field): TotalsState {
  return {
    rows: field.at("rows").whole(),
    losses: field.at("losses").map((loss) => loss.number()),
    stats: field.at("stats").map((sums) => sums.map((sum) => sum.list((value) => value.number()))),
  };
}
