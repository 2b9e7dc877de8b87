import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { csv } from "../../src/data/csv/csv.js";
import { unpackCheckpoint } from "../../src/files/checkpoint.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/files/safetensors.js";
import { fromBytes, NacreError } from "../../src/index.node.js";
import { mutateBytes, mutateJson, type Random, randomSource } from "../../src/testing/mutate.js";
import { csvOptions, mutateCsv } from "../../src/testing/mutateCsv.js";
import { kerasFiles, mutateKeras, openKeras } from "../../src/testing/mutateKeras.js";
import { mutateOnnx, openOnnx } from "../../src/testing/mutateOnnx.js";
import { mutateModel, openFound, sampleModels } from "../../src/testing/mutateModel.js";
import { type Check, megabytes, must, settledRss } from "./check.js";

const FILES = Number(process.env["HARDSHIP_FILES"] ?? 10_000);
const SEED = Number(process.env["HARDSHIP_SEED"] ?? 1);
const MAX_MS = 1000;
const MAX_BYTES = 200 * 2 ** 20;

/** Opens many files; each may work or be refused, within a second and bounded memory. */
async function fuzz(make: (random: Random) => Uint8Array, open: (bytes: Uint8Array, at: number, random: Random) => Promise<boolean>): Promise<string> {
  let [opened, slowest, peak] = [0, 0, 0];
  const globals = Object.getOwnPropertyNames(Object.prototype).join();
  const before = await settledRss();
  for (let at = 0; at < FILES; at++) {
    // A seed each, so that one file can be made again alone.
    const random = randomSource(SEED * 1e6 + at);
    const bytes = make(random);
    const begin = performance.now();
    try {
      if (await open(bytes, at, random)) opened++;
    } catch (error) {
      throw new Error(`file ${at} of seed ${SEED}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });
    }
    const ms = performance.now() - begin;
    must(ms < MAX_MS, `file ${at} of seed ${SEED} took ${ms.toFixed(0)} ms`);
    slowest = Math.max(slowest, ms);
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  must(Object.getOwnPropertyNames(Object.prototype).join() === globals, "Object.prototype was changed");
  must(peak - before < MAX_BYTES, `memory grew by ${megabytes(peak - before)}`);
  must(opened > 0 && opened < FILES, `${opened} of ${FILES} opened`);
  return `${FILES} files, ${opened} opened, slowest ${slowest.toFixed(0)} ms, memory at most ${megabytes(peak - before)} more`;
}

/** Whether `read` succeeds; NacreErrors are refusals. */
async function accepts(read: () => unknown): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if (error instanceof NacreError) return false;
    throw error;
  }
}

export const fuzzKeras: Check = () => {
  const files = kerasFiles(pathToFileURL("./"));
  return fuzz(
    (random) => mutateKeras(files[random(files.length)]!, random),
    (bytes) => Promise.resolve(openKeras(bytes)),
  );
};

export const fuzzOnnx: Check = async () => {
  const names = ["mlp", "resnet", "recurrent", "encoder", "unet_14", "gru_20"];
  const files = names.map((name) => new Uint8Array(readFileSync(join("conformance", "onnx", `${name}.onnx`))));
  // The reader is loaded when it is first used.
  await openOnnx(files[0]!);
  return fuzz((random) => mutateOnnx(files[random(files.length)]!, random), openOnnx);
};

export const fuzzModels: Check = async () => {
  const files = await Promise.all((await sampleModels()).map(async (model) => unpackCheckpoint(await model.toBytes())));
  const opened = await fuzz(
    (random) => mutateModel(files[random(files.length)]!, random),
    (bytes) => openFound(bytes, fromBytes, false),
  );
  return opened;
};

/** Every file that opens is predicted with and trained on. */
export const fuzzTraining: Check = async () => {
  const files = await Promise.all((await sampleModels()).map(async (model) => unpackCheckpoint(await model.toBytes())));
  const count = Math.ceil(FILES / 20);
  let worked = 0;
  for (let at = 0; at < count; at++) {
    const random = randomSource(SEED * 1e6 + 500_000 + at);
    const bytes = mutateModel(files[random(files.length)]!, random);
    try {
      if (await openFound(bytes, fromBytes, true)) worked++;
    } catch (error) {
      throw new Error(`file ${at} of seed ${SEED}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });
    }
  }
  return `${count} files, ${worked} opened, predicted and went on training`;
};

export const fuzzSafetensors: Check = () => {
  const sound = encodeSafetensors(
    new Map([
      ["flags", { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) }],
      ["dense/kernel", { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, -0, NaN, 4) }],
      ["ids", { dtype: "int64", shape: [1], data: BigInt64Array.of(-5n) }],
    ]),
    { made: "by hand" },
  );
  const length = Number(new DataView(sound.buffer).getBigUint64(0, true));
  const header: unknown = JSON.parse(new TextDecoder().decode(sound.subarray(8, 8 + length)));
  const withHeader = (changed: unknown): Uint8Array => {
    const json = new TextEncoder().encode(JSON.stringify(changed ?? null));
    const bytes = new Uint8Array(8 + json.length + sound.length - 8 - length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    bytes.set(sound.subarray(8 + length), 8 + json.length);
    return bytes;
  };
  return fuzz(
    (random) => (random(2) === 0 ? mutateBytes(sound, random) : withHeader(mutateJson(header, random))),
    (bytes) =>
      accepts(() => {
        const read = decodeSafetensors(bytes);
        const held = [...read.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
        must(held <= 2 * bytes.length, "more data than the file has");
        decodeSafetensors(encodeSafetensors(read.tensors, read.metadata));
      }),
  );
};

export const fuzzCsv: Check = () =>
  fuzz(
    (random) => mutateCsv(random),
    (bytes, _at, random) => accepts(() => csv(bytes, csvOptions(random))),
  );
