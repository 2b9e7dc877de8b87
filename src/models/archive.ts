import { NacreError } from "../error.js";
import { packCheckpoint, unpackCheckpoint } from "../files/checkpoint.js";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../files/safetensors.js";
import * as losses from "../losses/index.js";
import * as metrics from "../metrics/index.js";
import * as optimizers from "../optimizers/index.js";
import type { Serialized } from "../registry.js";
import { arrayOf, type TypedArray } from "../tensor/dtype.js";
import type { CallbackState } from "../train/callback.js";
import { Objective } from "../train/objective.js";
import { OptimizerState } from "../train/optimizerState.js";
import type { TrainPosition } from "../train/position.js";
import { type ModelConfig, modelConfig, modelFromConfig } from "./config.js";
import { jsonBytes, jsonFrom } from "./json.js";
import type { Model } from "./model.js";

/** `model.json`: the architecture, and what it is trained with. */
interface ModelEntry {
  readonly model: ModelConfig;
  /** Of the first weights; null where it was never asked for. */
  readonly seed: number | null;
  readonly compile: CompileEntry | null;
}

interface CompileEntry {
  readonly optimizer: Serialized;
  readonly goals: readonly {
    readonly output: string;
    readonly loss: Serialized | null;
    readonly weight: number;
    readonly metrics: readonly { readonly key: string; readonly metric: Serialized | "accuracy" }[];
  }[];
}

/** `train.json`: how far training has come. */
interface TrainEntry {
  readonly step: number;
  /** What a callback set the learning rate to; null for the optimizer's own. */
  readonly learningRate: number | null;
  readonly position: (Omit<TrainPosition, "callbacks"> & { readonly callbacks: Record<string, CallbackState["values"]> }) | null;
}

/** Between a callback's name and its tensor's in `callbacks.safetensors`. */
const SEPARATOR = "//";

/** A whole model as the bytes of a `.nacre` file. */
export async function packModel(model: Model): Promise<Uint8Array> {
  model.initialize();
  // What belongs together is noted before the first await: training may go on meanwhile.
  const position = model.position?.();
  const { compiled } = model;
  const { step = 0, learningRate = null } = compiled?.optimizer ?? {};
  const [weights, slots] = await Promise.all([weightTensors(model), slotTensors(model)]);
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
  const entry: ModelEntry = { model: modelConfig(model), seed: model.seed ?? null, compile: compiled === undefined ? null : compileEntry(compiled) };
  return packCheckpoint({
    "model.json": jsonBytes(entry),
    "weights.safetensors": encodeSafetensors(weights),
    "optimizer.safetensors": encodeSafetensors(slots),
    "callbacks.safetensors": encodeSafetensors(callbackTensors),
    "train.json": jsonBytes(train),
  });
}

/**
 * The model in the bytes of a `.nacre` file, compiled and ready to go on training if it was.
 *
 * @throws BAD_FILE when the bytes are cut short, changed or no such file
 * @throws NEWER_VERSION when a newer Nacre wrote it
 * @throws UNKNOWN_NAME when it holds a layer that is not defined here
 */
export function fromBytes(bytes: Uint8Array): Model {
  const entries = unpackCheckpoint(bytes);
  try {
    return modelOf(entries);
  } catch (cause) {
    if (cause instanceof NacreError) throw cause;
    // Checksums hold, so somebody edited it; a mistake of ours would be found by the tests.
    throw new NacreError({
      code: "BAD_FILE",
      where: ".nacre file",
      expected: "a model as save writes it",
      received: "other contents",
      fix: "take another copy of the file",
      cause,
    });
  }
}

function modelOf(entries: Readonly<Record<string, Uint8Array>>): Model {
  const { model: config, seed, compile } = jsonFrom(entryOf(entries, "model.json"), ".nacre file, model.json") as ModelEntry;
  const train = jsonFrom(entryOf(entries, "train.json"), ".nacre file, train.json") as TrainEntry;
  const model = modelFromConfig(config, seed ?? undefined);
  const weights = decodeSafetensors(entryOf(entries, "weights.safetensors")).tensors;
  for (const variable of model.variables) {
    const path = model.pathOf(variable);
    variable.assign(storedData(weights, path, variable.shape) as ArrayLike<number>);
  }
  if (compile === null) return model;
  const optimizer = new OptimizerState(optimizers.deserialize(compile.optimizer));
  optimizer.step = train.step;
  optimizer.learningRate = train.learningRate ?? undefined;
  const slots = decodeSafetensors(entryOf(entries, "optimizer.safetensors")).tensors;
  for (const variable of model.variables) {
    const path = model.pathOf(variable);
    const names = Object.keys(optimizer.optimizer.slots(variable));
    if (!names.some((name) => slots.has(`${path}/${name}`))) continue;
    for (const slot of optimizer.slotsOf(variable)) {
      slot.value = arrayOf("float32", storedData(slots, `${path}/${slot.name}`, slot.shape));
    }
  }
  model.compiled = { optimizer, objective: objectiveFrom(compile) };
  if (train.position !== null) {
    const tensors = decodeSafetensors(entryOf(entries, "callbacks.safetensors")).tensors;
    const position = restoredPosition(train.position, tensors);
    model.position = () => position;
  }
  return model;
}

/** A stored tensor's elements. @throws BAD_FILE when it is missing or has another shape */
function storedData(tensors: ReadonlyMap<string, StoredTensor>, name: string, shape: readonly number[]): TypedArray {
  const stored = tensors.get(name);
  if (stored?.shape.join() === shape.join()) return stored.data;
  throw missing(`tensor ${name} of shape [${shape.join(", ")}]`, stored && `shape [${stored.shape.join(", ")}]`);
}

function compileEntry({ objective, optimizer }: NonNullable<Model["compiled"]>): CompileEntry {
  return {
    optimizer: optimizers.serialize(optimizer.optimizer),
    goals: objective.goals.map((goal) => ({
      output: goal.output,
      loss: goal.loss === undefined ? null : losses.serialize(goal.loss),
      weight: goal.weight,
      metrics: goal.metrics.map(({ key, metric }) => ({
        key,
        metric: metric === "accuracy" ? metric : metrics.serialize(metric),
      })),
    })),
  };
}

function objectiveFrom({ goals }: CompileEntry): Objective {
  return new Objective(
    goals.map((goal) => ({
      output: goal.output,
      loss: goal.loss === null ? undefined : losses.deserialize(goal.loss),
      weight: goal.weight,
      metrics: goal.metrics.map(({ key, metric }) => ({
        key,
        metric: metric === "accuracy" ? metric : metrics.deserialize(metric),
      })),
    })),
  );
}

function restoredPosition(
  position: NonNullable<TrainEntry["position"]>,
  tensors: ReadonlyMap<string, StoredTensor>,
): TrainPosition {
  const callbacks = Object.entries(position.callbacks).map(([name, values]): [string, CallbackState] => {
    const prefix = name + SEPARATOR;
    const own = [...tensors].filter(([key]) => key.startsWith(prefix));
    return [name, { values, tensors: new Map(own.map(([key, tensor]) => [key.slice(prefix.length), tensor])) }];
  });
  return { ...position, callbacks: Object.fromEntries(callbacks) };
}

async function weightTensors(model: Model): Promise<Map<string, StoredTensor>> {
  const reads = model.variables.map(
    async (variable) =>
      [model.pathOf(variable), { dtype: variable.dtype, shape: variable.shape, data: await variable.read() }] as const,
  );
  return new Map(await Promise.all(reads));
}

async function slotTensors(model: Model): Promise<Map<string, StoredTensor>> {
  const slots = [...(model.compiled?.optimizer.slots ?? [])].flatMap(([variable, list]) =>
    list.map((slot) => [`${model.pathOf(variable)}/${slot.name}`, slot] as const),
  );
  const reads = slots.map(async ([name, slot]) => {
    const data = ArrayBuffer.isView(slot.value) ? slot.value : await slot.value.read();
    return [name, { dtype: "float32", shape: slot.shape, data }] as const;
  });
  return new Map(await Promise.all(reads));
}

function entryOf(entries: Readonly<Record<string, Uint8Array>>, name: string): Uint8Array {
  const entry = entries[name];
  if (entry === undefined) throw missing(name);
  return entry;
}

function missing(what: string, received = "a file without it"): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: ".nacre file",
    expected: what,
    received,
    fix: "take another copy of the file",
  });
}
