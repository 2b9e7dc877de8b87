import { packCheckpoint } from "../files/checkpoint.js";
import { encodeSafetensors, type StoredTensor } from "../files/safetensors.js";
import * as losses from "../losses/index.js";
import * as metrics from "../metrics/index.js";
import * as optimizers from "../optimizers/index.js";
import { modelConfig } from "./config.js";
import { editsOf } from "./edits.js";
import { type CompileEntry, type ModelEntry, SEPARATOR, type TrainEntry } from "./entries.js";
import { jsonBytes } from "./json.js";
import type { Group } from "../train/groups.js";
import type { Model } from "./model.js";
import { weightTensors } from "./storedWeights.js";

/** A whole model as the bytes of a `.nacre` file. */
export async function packModel(model: Model): Promise<Uint8Array> {
  model.initialize();
  // What belongs together is noted before the first await: training may go on meanwhile.
  const position = model.position?.();
  const { compiled } = model;
  const { step = 0, learningRate = null } = compiled?.optimizer ?? {};
  const [weights, slots] = await Promise.all([weightTensors(model, [...model.variables, ...model.states]), slotTensors(model)]);
  const train: TrainEntry = {
    step,
    learningRate,
    position:
      position === undefined
        ? null
        : {
            ...position,
            callbacks: Object.fromEntries(Object.entries(position.callbacks).map(([name, { values }]) => [name, values])),
          },
  };
  const callbackTensors = new Map<string, StoredTensor>();
  for (const [name, { tensors }] of Object.entries(position?.callbacks ?? {})) {
    for (const [key, tensor] of tensors ?? []) callbackTensors.set(name + SEPARATOR + key, tensor);
  }
  const entry: ModelEntry = { model: modelConfig(model), seed: model.seed ?? null, compile: compiled === undefined ? null : compileEntry(model, compiled), ...editsOf(model) };
  return packCheckpoint({
    "model.json": jsonBytes(entry),
    "weights.safetensors": encodeSafetensors(weights),
    "optimizer.safetensors": encodeSafetensors(slots),
    "callbacks.safetensors": encodeSafetensors(callbackTensors),
    "train.json": jsonBytes(train),
  });
}

function compileEntry(model: Model, { objective, optimizer }: NonNullable<Model["compiled"]>): CompileEntry {
  return {
    optimizer: optimizers.serialize(optimizer.optimizer),
    ...groupEntries(model, optimizer.groups),
    goals: objective.goals.map((goal) => ({
      output: goal.output,
      loss: goal.loss === undefined ? null : losses.serialize(goal.loss),
      weight: goal.weight,
      metrics: goal.metrics.map(({ key, metric, weighted }) => ({
        key,
        ...(weighted ? { weighted } : {}),
        metric: metric === "accuracy" ? metric : metrics.serialize(metric),
      })),
    })),
  };
}

function groupEntries(model: Model, groups: readonly Group[]): Pick<CompileEntry, "groups"> {
  if (groups.length === 0) return {};
  return {
    groups: groups.map(({ variables, learningRateMultiplier, weightDecay }) => ({
      variables: model.variables.filter((variable) => variables.has(variable)).map((variable) => model.pathOf(variable)),
      learningRateMultiplier,
      ...(weightDecay === undefined ? {} : { weightDecay }),
    })),
  };
}

async function slotTensors(model: Model): Promise<Map<string, StoredTensor>> {
  const known = model.compiled?.optimizer.slots;
  // Of the model's own: what adapted weights before may have had the same paths.
  const slots = model.variables.flatMap((variable) =>
    (known?.get(variable) ?? []).map((slot) => [`${model.pathOf(variable)}/${slot.name}`, slot] as const),
  );
  const reads = slots.map(async ([name, slot]) => {
    const data = await slot.read();
    return [name, { dtype: "float32", shape: slot.shape, data }] as const;
  });
  return new Map(await Promise.all(reads));
}
