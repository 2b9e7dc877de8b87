import { readFileSync } from "node:fs";
import { unzipSync, zipSync } from "fflate";
import { NacreError } from "../error.js";
import { fromKerasBytes } from "../models/interop/kerasArchive.js";
import { kerasCases } from "./kerasCases.js";
import { mutateBytes, mutateJson, pick, type Random } from "./mutate.js";

/** What a compiled model of Keras says of its training. */
const COMPILE = {
  optimizer: { module: "keras.optimizers", class_name: "Adam", config: { name: "adam", learning_rate: 0.01, beta_1: 0.8 } },
  loss: "mean_squared_error",
  loss_weights: null,
  metrics: ["mae", { module: "keras.metrics", class_name: "MeanSquaredError", config: { name: "mse", dtype: "float32" } }],
  weighted_metrics: null,
};

/** What damage begins with: models of conformance, layers and operations of all kinds, and models in training. */
export function kerasFiles(root: URL): Record<string, Uint8Array>[] {
  const names = ["mlp_regression", "nested_model", "shared_multi_input", "transformer_encoder"];
  const whole = names.map((name) => kerasEntries(readFileSync(new URL(`conformance/models/${name}.keras`, root))));
  const cases = (name: string): Record<string, Uint8Array>[] => kerasCases(new URL(`scripts/fixtures/keras/${name}.zip`, root)).map(({ bytes }) => unzipSync(bytes));
  return [...whole, ...cases("layers"), ...cases("training")];
}

/** The entries of a `.keras` file, compiled. */
export function kerasEntries(bytes: Uint8Array): Record<string, Uint8Array> {
  const entries = unzipSync(bytes);
  const config = JSON.parse(new TextDecoder().decode(entries["config.json"])) as object;
  return { ...entries, "config.json": new TextEncoder().encode(JSON.stringify({ ...config, compile_config: COMPILE })) };
}

/** A damaged `.keras` file: as a whole, in its weights, or in its configuration. */
export function mutateKeras(entries: Readonly<Record<string, Uint8Array>>, random: Random): Uint8Array {
  if (random(10) === 0) return mutateBytes(zipSync(entries, { level: pick([0, 6], random) }), random);
  const name = pick(["config.json", "model.weights.h5", "model.weights.h5"], random);
  const entry = entries[name]!;
  const changed = name === "config.json" ? mutateConfig(entry, random) : mutateBytes(entry, random);
  return zipSync({ ...entries, [name]: changed }, { level: 0 });
}

/** Opens a file as somebody would who found it, and writes it again. Gives whether it opened. */
export async function openKeras(bytes: Uint8Array): Promise<boolean> {
  try {
    const model = await fromKerasBytes(bytes);
    model.summary();
    await model.toBytes({ format: "keras" });
    return true;
  } catch (error) {
    if (error instanceof NacreError) return false;
    throw error;
  }
}

function mutateConfig(entry: Uint8Array, random: Random): Uint8Array {
  if (random(10) === 0) return mutateBytes(entry, random);
  return new TextEncoder().encode(JSON.stringify(mutateJson(JSON.parse(new TextDecoder().decode(entry)), random) ?? null));
}
