import { type Hdf5Array, writeHdf5 } from "../../files/hdf5/write.js";
import { writeZip } from "../../files/zip.js";
import { NacreError } from "../../error.js";
import type { Model } from "../model.js";
import { groupsOf, trainableOf } from "./kerasGroups.js";
import { optimizerArrays } from "./kerasOptimizer.js";
import { compileToKeras } from "./toKerasCompile.js";
import { membersOfModel, modelToKeras } from "./toKerasModel.js";

/** The version of Keras whose files these are like; any Keras 3 reads them. */
const KERAS_VERSION = "3.15.1";

/** Zip without its 64-bit extension counts bytes in 32 bits. */
const MAX_BYTES = 0xffffffff;

/**
 * A whole model as the bytes of a `.keras` file: architecture, weights, and what it was compiled
 * with, the optimizer's state too, so that Keras goes on training where it stands.
 *
 * @throws UNSUPPORTED naming what Keras has not: a layer and its class, an option, a loss
 */
export async function packKeras(model: Model): Promise<Uint8Array> {
  model.initialize();
  const config = { ...modelToKeras(model), compile_config: model.compiled === undefined ? null : compileToKeras(model) };
  const weights = await weightsFile(model);
  const metadata = { keras_version: KERAS_VERSION, date_saved: new Date().toISOString().slice(0, 19).replace("T", "@") };
  if (weights.length > MAX_BYTES - 2 ** 24) throw tooLarge(weights.length);
  return writeZip([
    ["metadata.json", json(metadata)],
    ["config.json", json(config)],
    ["model.weights.h5", weights],
  ]);
}

/** A model's weights, and its optimizer's state where it has one, as `model.weights.h5`. */
export async function weightsFile(model: Model): Promise<Uint8Array> {
  const adapted = model.variables.find(({ adapter }) => adapter !== undefined);
  if (adapted !== undefined) throw notMerged(model.pathOf(adapted));
  const groups = groupsOf(model, membersOfModel);
  const names = new Map<string, string>();
  const arrays: [path: string, array: Promise<Hdf5Array>][] = [];
  for (const { paths, name, variables } of groups) {
    const path = paths[0] === "" ? "vars" : `${paths[0]}/vars`;
    names.set(path, name);
    variables.forEach((variable, i) => {
      const { dtype, shape } = variable;
      arrays.push([`${path}/${i}`, variable.read().then((data) => ({ dtype, shape, data }))]);
    });
  }
  // All reading begins before the first await: training may go on meanwhile.
  const kept = model.compiled && optimizerArrays(model.compiled.optimizer, trainableOf(model, groups));
  const read = new Map(await Promise.all(arrays.map(async ([path, array]) => [path, await array] as const)));
  if (model.compiled !== undefined) names.set("optimizer/vars", model.compiled.optimizer.optimizer.className.toLowerCase());
  (await kept)?.forEach((array, i) => read.set(`optimizer/vars/${i}`, array));
  return writeHdf5(read, names);
}

/** Options that Keras wants to be floats, and which JSON would write as whole numbers: 1.0 as 1. */
const FLOATS = /"(alpha|beta_[12]|decay_rate|end_learning_rate|initial_learning_rate|learning_rate|[mt]_mul|momentum|power|warmup_target)":(-?\d+)(?=[,}])/g;
const FLOAT_LIST = /"values":\[[^\]]*\]/g;

function json(value: unknown): Uint8Array {
  const text = JSON.stringify(value)
    .replaceAll(FLOATS, '"$1":$2.0')
    .replaceAll(FLOAT_LIST, (list) => list.replaceAll(/(?<=[[,])-?\d+(?=[,\]])/g, "$&.0"));
  return new TextEncoder().encode(text);
}

function tooLarge(bytes: number): NacreError {
  return new NacreError({ code: "UNSUPPORTED", where: ".keras file", expected: "weights of less than 4 GiB", received: `${bytes} bytes`, fix: "save a .safetensors file with model.saveWeights" });
}

function notMerged(path: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: "Keras file",
    expected: "weights without adapters",
    received: `${path}, which addLora has adapted`,
    fix: "await model.mergeLora() first; a .nacre file keeps adapters",
  });
}
