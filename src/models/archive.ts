import { NacreError } from "../error.js";
import { packCheckpoint, unpackCheckpoint } from "../files/checkpoint.js";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../files/safetensors.js";
import * as losses from "../losses/index.js";
import * as metrics from "../metrics/index.js";
import * as optimizers from "../optimizers/index.js";
import type { Serialized } from "../registry.js";
import { arrayOf } from "../tensor/dtype.js";
import type { CallbackState } from "../train/callback.js";
import { Objective } from "../train/objective.js";
import { OptimizerState } from "../train/optimizerState.js";
import type { TrainPosition } from "../train/position.js";
import { type ModelConfig, modelConfig, modelFromConfig } from "./config.js";
import type { Model } from "./model.js";

/** `model.json`: the architecture, and what it is trained with. */
interface ModelEntry {
  readonly model: ModelConfig;
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
  const step = compiled?.optimizer.step ?? 0;
  const [weights, slots] = await Promise.all([weightTensors(model), slotTensors(compiled?.optimizer)]);
  const train: TrainEntry = {
    step,
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
  const entry: ModelEntry = { model: modelConfig(model), compile: compiled === undefined ? null : compileEntry(compiled) };
  return packCheckpoint({
    "model.json": toBytes(entry),
    "weights.safetensors": encodeSafetensors(weights),
    "optimizer.safetensors": encodeSafetensors(slots),
    "callbacks.safetensors": encodeSafetensors(callbackTensors),
    "train.json": toBytes(train),
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
  const { model: config, compile } = fromJson<ModelEntry>(entries, "model.json");
  const train = fromJson<TrainEntry>(entries, "train.json");
  const model = modelFromConfig(config);
  const weights = decodeSafetensors(entryOf(entries, "weights.safetensors")).tensors;
  for (const variable of model.variables) {
    const stored = weights.get(variable.path);
    if (stored === undefined) throw missing(`weight ${variable.path}`);
    variable.assign(stored.data as ArrayLike<number>, stored.shape);
  }
  if (compile === null) return model;
  const optimizer = new OptimizerState(optimizers.deserialize(compile.optimizer));
  optimizer.step = train.step;
  const slots = decodeSafetensors(entryOf(entries, "optimizer.safetensors")).tensors;
  for (const variable of model.variables) {
    const own = [...slots.keys()].some((name) => name.startsWith(`${variable.path}/`));
    if (!own) continue;
    for (const slot of optimizer.slotsOf(variable)) {
      const stored = slots.get(`${variable.path}/${slot.name}`);
      if (stored === undefined) throw missing(`optimizer slot ${variable.path}/${slot.name}`);
      slot.value = arrayOf("float32", stored.data);
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
  // JSON leaves out what is undefined, and has no NaN.
  const history = position.history.map((logs) =>
    Object.fromEntries(Object.entries(logs).map(([name, value]) => [name, value ?? Number.NaN])),
  );
  return { ...position, history, callbacks: Object.fromEntries(callbacks) };
}

async function weightTensors(model: Model): Promise<Map<string, StoredTensor>> {
  const reads = model.variables.map(
    async (variable) =>
      [variable.path, { dtype: variable.dtype, shape: variable.shape, data: await variable.read() }] as const,
  );
  return new Map(await Promise.all(reads));
}

async function slotTensors(state: OptimizerState | undefined): Promise<Map<string, StoredTensor>> {
  const reads = (state?.entries() ?? []).map(async ({ name, slot }) => {
    const data = ArrayBuffer.isView(slot.value) ? slot.value : await slot.value.read();
    return [name, { dtype: "float32", shape: slot.shape, data }] as const;
  });
  return new Map(await Promise.all(reads));
}

function toBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function fromJson<T>(entries: Readonly<Record<string, Uint8Array>>, name: string): T {
  try {
    return JSON.parse(new TextDecoder().decode(entryOf(entries, name))) as T;
  } catch (cause) {
    if (cause instanceof NacreError) throw cause;
    throw new NacreError({ code: "BAD_FILE", where: `.nacre file, ${name}`, expected: "JSON", received: "other text", cause });
  }
}

function entryOf(entries: Readonly<Record<string, Uint8Array>>, name: string): Uint8Array {
  const entry = entries[name];
  if (entry === undefined) throw missing(name);
  return entry;
}

function missing(what: string): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: ".nacre file",
    expected: what,
    received: "a file without it",
    fix: "take another copy of the file",
  });
}
