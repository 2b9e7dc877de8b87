import { type UnzipFileInfo, unzipSync } from "fflate";
import { NacreError } from "../../error.js";
import { crc32 } from "../../files/crc32.js";
import { readHdf5 } from "../../files/hdf5/read.js";
import { withinAllowance } from "../../graph/node.js";
import { jsonFrom } from "../json.js";
import type { LoadOptions } from "../load.js";
import type { Model } from "../model.js";
import { loadRooms } from "../rooms.js";
import { compileFromKeras } from "./kerasCompile.js";
import { groupsOf, trainableOf } from "./kerasGroups.js";
import { restoreOptimizer } from "./kerasOptimizer.js";
import { isKerasObject } from "./kerasConfig.js";
import type { LookupFiles } from "./kerasLookups.js";
import { modelFromKeras } from "./kerasModel.js";
import { assignKerasWeights, storedGroups } from "./kerasWeights.js";

const CONFIG = "config.json";
const WEIGHTS = "model.weights.h5";

/** Vocabularies that layers learned. */
const VOCABULARY = /^assets\/layers\/\w+\/vocabulary\.txt$/;

/** Classes of layers that take words. */
const LOOKUPS = /"class_name":"(TextVectorization|StringLookup|IntegerLookup|Hashing)"/;

/** What a file may unpack to, as a multiple of its size: JSON shrinks by some twenty times, weights by little. */
const MAX_GROWTH = 100;

/** How much building the model of a file may take, as for a `.nacre` file. */
const MAX_NODES = 200_000;

/**
 * The model in the bytes of a `.keras` file of Keras 3, with its weights; compiled if it was, with
 * the optimizer's state, so that training goes on.
 *
 * @throws BAD_FILE when the bytes are cut short, damaged or no such file
 * @throws UNSUPPORTED when it holds what is not built here, naming layer and class, or Python code
 */
export async function fromKerasBytes(bytes: Uint8Array, { compile = true, inputShapes = {}, onLookup }: LoadOptions = {}): Promise<Model> {
  const entries = unpack(bytes);
  await loadRooms(entryOf(entries, CONFIG));
  try {
    const whole = jsonFrom(entryOf(entries, CONFIG), `.keras file, ${CONFIG}`);
    const arrays = readHdf5(entryOf(entries, WEIGHTS));
    const config = await withTextOutside(whole, { assets: new Map(Object.entries(entries)), arrays }, onLookup);
    return withinAllowance(MAX_NODES, () => {
      const { model, membersOf } = modelFromKeras(config, inputShapes);
      const groups = groupsOf(model, membersOf);
      const stored = storedGroups(arrays);
      assignKerasWeights(groups, stored);
      if (compile) compileFromKeras(model, (config as Readonly<Record<string, unknown>>)["compile_config"]);
      if (model.compiled !== undefined) restoreOptimizer(model.compiled.optimizer, trainableOf(model, groups), stored.get("optimizer/inner_optimizer") ?? stored.get("optimizer") ?? []);
      return model;
    });
  } catch (cause) {
    if (cause instanceof NacreError) throw cause;
    throw bad("a model as Keras 3 saves it", "other contents", cause);
  }
}

/** Texts become numbers before a model. */
async function withTextOutside(config: unknown, files: LookupFiles, onLookup: LoadOptions["onLookup"]): Promise<unknown> {
  if (!isKerasObject(config) || !LOOKUPS.test(JSON.stringify(config))) return config;
  const { hasLookups, withoutLookups } = await import("./kerasLookups.js");
  return hasLookups(config) ? withoutLookups(config, files, onLookup) : config;
}

/** The weights in a `.keras` file, as the bytes of HDF5. @throws BAD_FILE when it is damaged, or declares too much */
export function kerasWeightsEntry(bytes: Uint8Array): Uint8Array {
  return entryOf(unpack(bytes), WEIGHTS);
}

/** The entries that make the model, refused by their declared sizes before memory is taken. */
function unpack(bytes: Uint8Array): Readonly<Record<string, Uint8Array>> {
  const seen = new Set<string>();
  const wanted = ({ name, size, originalSize, compression }: UnzipFileInfo): boolean => {
    if (name !== CONFIG && name !== WEIGHTS && !VOCABULARY.test(name)) return false;
    if (seen.has(name)) throw bad("each entry once", `${name} twice`);
    seen.add(name);
    if (size > bytes.length || originalSize > MAX_GROWTH * size || (compression === 0 && size !== originalSize)) {
      throw bad(`${name} in a file of ${bytes.length} bytes`, `${size} bytes that unpack to ${originalSize}`);
    }
    return true;
  };
  try {
    const entries = unzipSync(bytes, { filter: wanted });
    for (const [name, checksum] of checksumsIn(bytes)) {
      const data = Object.hasOwn(entries, name) ? entries[name] : undefined;
      if (data !== undefined && crc32(data) !== checksum) throw bad(`checksum ${checksum} of ${name}`, crc32(data));
    }
    return entries;
  } catch (cause) {
    if (cause instanceof NacreError) throw cause;
    throw bad("a whole zip archive", `${bytes.length} bytes that end too early or are damaged`, cause);
  }
}

/** The CRC-32 of each entry, from the directory at the archive's end, whose place `unzipSync` has found sound. */
function checksumsIn(bytes: Uint8Array): Map<string, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  const checksums = new Map<string, string>();
  let at = view.getUint32(end + 16, true);
  for (let count = view.getUint16(end + 8, true); count > 0; count--) {
    const length = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + length));
    checksums.set(name, view.getUint32(at + 16, true).toString(16).padStart(8, "0"));
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return checksums;
}

function entryOf(entries: Readonly<Record<string, Uint8Array>>, name: string): Uint8Array {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry === undefined) throw bad(`an entry ${name}`, "a zip without it");
  return entry;
}

function bad(expected: string, received: string, cause?: unknown): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: ".keras file",
    expected,
    received,
    fix: "the file is cut short, damaged or no model; take another copy, or save it again with Keras 3",
    cause,
  });
}
