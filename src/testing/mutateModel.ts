import { packCheckpoint } from "../files/checkpoint.js";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../files/safetensors.js";
import { callbacks, layers, Model, NacreError, sequential } from "../index.js";
import { arrayOf, DTYPES } from "../tensor/dtype.js";
import { mutateBytes, mutateJson, pick, type Random } from "./mutate.js";

/** Rows that fit all of {@link sampleModels}, which take and give the same shapes. */
export const sampleData = {
  x: Array.from({ length: 6 }, (_, i) => Array.from({ length: 4 }, (_unused, j) => (i + j) % 4)),
  y: [0, 1, 1, 0, 1, 0],
};

/** Small models that between them use all that a file can hold; the first stands in the middle of an epoch. */
export async function sampleModels(): Promise<Model[]> {
  const settings = { optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] } as const;
  const image = sequential([
    layers.input([4]),
    layers.reshape({ targetShape: [2, 2, 1] }),
    layers.conv2d({ filters: 2, kernelSize: 2, padding: "same", activation: "relu" }),
    layers.batchNormalization(),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 2, activation: "softmax", kernelRegularizer: "l2" }),
  ]).compile(settings);
  const abort = new AbortController();
  const stop = { name: "stop", onBatchEnd: (batch: number) => void (batch === 1 && abort.abort()) };
  await image.fit(sampleData, { ...fitOptions(), signal: abort.signal, callbacks: [...fitOptions().callbacks, stop] }).catch(onlyAborted);

  const ids = layers.input([4], { dtype: "int32", name: "ids" });
  const inner = layers.input([4, 3]);
  const block = new Model({ inputs: inner, outputs: layers.dense({ units: 3 })(layers.dense({ units: 3 })(inner)), name: "block" });
  const table = layers.embedding({ inputDim: 4, outputDim: 3, maskZero: true })(ids);
  const sum = layers.add()([block(table), block(block(table))]);
  const nested = new Model({ inputs: ids, outputs: { head: layers.dense({ units: 2, activation: "softmax" })(layers.flatten()(sum)) } });
  nested.compile({ ...settings, optimizer: "sgd" });
  return [image, nested];
}

/** The options of a training that {@link sampleModels} began. */
export function fitOptions() {
  return {
    epochs: 2,
    batchSize: 2,
    seed: 3,
    verbose: "silent",
    callbacks: [callbacks.earlyStopping({ monitor: "loss", restoreBestWeights: true, patience: 3 })],
  } as const;
}

function onlyAborted(error: unknown): void {
  if (!(error instanceof NacreError && error.code === "ABORTED")) throw error;
}

/** A damaged `.nacre` file; mostly damaged inside, with checksums that hold. */
export function mutateModel(entries: Readonly<Record<string, Uint8Array>>, random: Random): Uint8Array {
  if (random(10) === 0) return mutateBytes(packCheckpoint(entries), random);
  const name = pick(["model.json", "model.json", "train.json", ...Object.keys(entries)], random);
  const entry = entries[name]!;
  const changed = name.endsWith(".json") ? mutateJsonEntry(entry, random) : mutateTensors(entry, random);
  return packCheckpoint({ ...entries, [name]: changed });
}

function mutateJsonEntry(entry: Uint8Array, random: Random): Uint8Array {
  if (random(10) === 0) return mutateBytes(entry, random);
  return new TextEncoder().encode(JSON.stringify(mutateJson(JSON.parse(new TextDecoder().decode(entry)), random) ?? null));
}

/** Other shapes, dtypes, names or values, in a file that is sound in itself. */
function mutateTensors(entry: Uint8Array, random: Random): Uint8Array {
  const tensors = [...decodeSafetensors(entry).tensors];
  if (random(4) === 0 || tensors.length === 0) return mutateBytes(entry, random);
  const at = random(tensors.length);
  const [name, { dtype, shape, data }] = tensors[at]!;
  const size = data.length;
  const odd = pick([NaN, Infinity, -Infinity, 3e38, 1e-45], random);
  const changes: (() => [string, StoredTensor][])[] = [
    () => [],
    () => [[`${name}x`, { dtype, shape, data }]],
    () => [[name, { dtype, shape: [size], data }]],
    () => [[name, { dtype, shape: [...shape, 1], data }]],
    () => [[name, { dtype, shape: [0, ...shape], data: arrayOf(dtype, []) }]],
    () => {
      const other = pick(DTYPES, random);
      return [[name, { dtype: other, shape, data: arrayOf(other, Array.from({ length: size }, () => 1)) }]];
    },
    () => [[name, { dtype, shape, data: arrayOf(dtype, Array.from({ length: size }, () => odd)) }]],
  ];
  tensors.splice(at, 1, ...pick(changes, random)());
  return encodeSafetensors(new Map(tensors));
}

/**
 * Opens a file as somebody would who found it: looks at it, saves it again and, where `further`,
 * predicts and goes on training. Gives whether it opened; whatever is thrown that is no NacreError
 * is thrown on.
 */
export async function openFound(
  bytes: Uint8Array,
  fromBytes: (bytes: Uint8Array) => Promise<Model>,
  further: boolean,
): Promise<boolean> {
  try {
    const model = await fromBytes(bytes);
    model.summary();
    await model.toBytes();
    if (further && model.parameterCount < 1e6) {
      await model.predict(sampleData.x);
      await model.fit(sampleData, { ...fitOptions(), resume: true });
    }
    return true;
  } catch (error) {
    if (error instanceof NacreError) return false;
    throw error;
  }
}
