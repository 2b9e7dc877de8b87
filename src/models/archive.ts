import { NacreError } from "../error.js";
import { unpackCheckpoint } from "../files/checkpoint.js";
import { decodeSafetensors, type StoredTensor } from "../files/safetensors.js";
import { withinAllowance } from "../graph/node.js";
import * as losses from "../losses/index.js";
import * as metrics from "../metrics/index.js";
import * as optimizers from "../optimizers/index.js";
import { arrayOf, type DType, type TypedArray } from "../tensor/dtype.js";
import type { CallbackState } from "../train/callback.js";
import type { Group } from "../train/groups.js";
import { Objective } from "../train/objective.js";
import { OptimizerState } from "../train/optimizerState.js";
import type { TrainPosition } from "../train/position.js";
import { modelFromConfig } from "./config.js";
import { applyEdits } from "./edits.js";
import { type CompileEntry, type PositionEntry, readModelEntry, readTrainEntry, SEPARATOR } from "./entries.js";
import { Field } from "./fields.js";
import { jsonFrom } from "./json.js";
import type { Model } from "./model.js";
import { loadRooms } from "./rooms.js";

/** How much building the model of a file may take; unrolled recurrent layers take most, some 20 a step. */
const MAX_NODES = 400_000;

const MODEL = "model.json";

/**
 * The model in the bytes of a `.nacre` file, compiled and ready to go on training if it was.
 *
 * @throws BAD_FILE when the bytes are cut short, changed or no such file
 * @throws NEWER_VERSION when a newer Nacre wrote it
 * @throws UNKNOWN_NAME when it holds a layer that is not defined here
 */
export async function modelFromArchive(bytes: Uint8Array): Promise<Model> {
  const entries = unpackCheckpoint(bytes);
  await loadRooms(entryOf(entries, MODEL));
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
  const entry = fieldOf(entries, MODEL);
  const { seed, compile } = readModelEntry(entry);
  const train = readTrainEntry(fieldOf(entries, "train.json"));
  const model = withinAllowance(MAX_NODES, () => modelFromConfig(entry.at("model"), seed ?? undefined));
  applyEdits(model, entry);
  const weights = decodeSafetensors(entryOf(entries, "weights.safetensors")).tensors;
  for (const variable of [...model.variables, ...model.states]) {
    const path = model.pathOf(variable);
    variable.assign(storedData(weights, path, variable) as ArrayLike<number>);
  }
  if (compile === null) return model;
  const optimizer = new OptimizerState(optimizers.deserialize(compile.optimizer), groupsFrom(model, compile));
  optimizer.step = train.step;
  optimizer.learningRate = train.learningRate ?? undefined;
  const slots = decodeSafetensors(entryOf(entries, "optimizer.safetensors")).tensors;
  for (const variable of model.variables) {
    const path = model.pathOf(variable);
    const names = Object.keys(optimizer.optimizer.slots(variable));
    if (!names.some((name) => slots.has(`${path}/${name}`))) continue;
    for (const slot of optimizer.slotsOf(variable)) {
      slot.value = arrayOf("float32", storedData(slots, `${path}/${slot.name}`, { dtype: "float32", shape: slot.shape }));
    }
  }
  const judged = compile.goals.map(({ output }) => output);
  if (judged.join("\n") !== model.outputNames.join("\n")) {
    throw missing(`goals of the outputs ${model.outputNames.join(", ")}`, `goals of ${judged.join(", ") || "none"}`);
  }
  model.compiled = { optimizer, objective: objectiveFrom(compile) };
  if (train.position !== null) {
    const tensors = decodeSafetensors(entryOf(entries, "callbacks.safetensors")).tensors;
    const position = restoredPosition(train.position, tensors);
    model.position = () => position;
  }
  return model;
}

/** A stored tensor's elements. @throws BAD_FILE when it is missing or has another dtype or shape */
function storedData(
  tensors: ReadonlyMap<string, StoredTensor>,
  name: string,
  { dtype, shape }: { readonly dtype: DType; readonly shape: readonly number[] },
): TypedArray {
  const stored = tensors.get(name);
  if (stored?.dtype === dtype && stored.shape.join() === shape.join()) return stored.data;
  throw missing(`tensor ${name} of ${dtype} [${shape.join(", ")}]`, stored && `${stored.dtype} [${stored.shape.join(", ")}]`);
}

function groupsFrom(model: Model, { groups = [] }: CompileEntry): Group[] {
  const byPath = new Map(model.variables.map((variable) => [model.pathOf(variable), variable]));
  return groups.map(({ variables, learningRateMultiplier, weightDecay }) => ({
    variables: new Set(
      variables.map((path) => {
        const variable = byPath.get(path);
        if (variable === undefined) throw missing(`weight ${path}, which a group names`);
        return variable;
      }),
    ),
    learningRateMultiplier,
    weightDecay,
  }));
}

function objectiveFrom({ goals }: CompileEntry): Objective {
  return new Objective(
    goals.map((goal) => ({
      output: goal.output,
      loss: goal.loss === null ? undefined : losses.deserialize(goal.loss),
      weight: goal.weight,
      metrics: goal.metrics.map(({ key, metric, weighted = false }) => ({
        key,
        weighted,
        metric: metric === "accuracy" ? metric : metrics.deserialize(metric),
      })),
    })),
  );
}

function restoredPosition(position: PositionEntry, tensors: ReadonlyMap<string, StoredTensor>): TrainPosition {
  const callbacks = Object.entries(position.callbacks).map(([name, values]): [string, CallbackState] => {
    const prefix = name + SEPARATOR;
    const own = [...tensors].filter(([key]) => key.startsWith(prefix));
    return [name, { values, tensors: new Map(own.map(([key, tensor]) => [key.slice(prefix.length), tensor])) }];
  });
  return { ...position, callbacks: Object.fromEntries(callbacks) };
}

/** The JSON of an entry, to be read field by field. */
function fieldOf(entries: Readonly<Record<string, Uint8Array>>, name: string): Field {
  const where = `.nacre file, ${name}`;
  return new Field(jsonFrom(entryOf(entries, name), where), where);
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
