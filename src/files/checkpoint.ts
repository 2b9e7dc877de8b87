import { NacreError } from "../error.js";
import { crc32 } from "./crc32.js";
import { MANIFEST, entryNameProblem, parseManifest, writeManifest } from "./manifest.js";
import { readZip, writeZip, type ZipEntry } from "./zip.js";

/** Zip without its 64-bit extension counts bytes in 32 bits. */
const MAX_BYTES = 0xffffffff;

/**
 * Packs named entries as a `.nacre` file: a zip of stored entries, led by `manifest.json` with the
 * format's version and each entry's length and CRC-32.
 *
 * A model's file has `model.json` and `weights.safetensors`, after training also
 * `optimizer.safetensors` and `train.json`; other names are carried along. Equal entries give equal bytes.
 *
 * @throws BAD_ARGUMENT when a name would leave the folder, or the whole exceeds 4 GiB
 * @example
 * const bytes = packCheckpoint({ "model.json": new TextEncoder().encode("{}") });
 */
export function packCheckpoint(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const names = Object.keys(entries).sort();
  for (const name of names) {
    const problem = entryNameProblem(name);
    if (problem !== undefined) {
      throw new NacreError({
        code: "BAD_ARGUMENT",
        where: "checkpoint",
        expected: "entry names such as model.json or notes/readme.txt",
        received: `"${name}", ${problem}`,
        fix: "rename the entry",
      });
    }
  }
  const bytes = names.reduce((sum, name) => sum + entries[name]!.length + 4 * name.length + 200, 0);
  if (bytes > MAX_BYTES) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: "checkpoint",
      expected: "at most 4 GiB in one file",
      received: `${bytes} bytes`,
      fix: "save the weights as several safetensors files",
    });
  }
  return writeZip([[MANIFEST, writeManifest(entries, names)], ...names.map((name) => [name, entries[name]!] as const)]);
}

/**
 * Reads a `.nacre` file, checking its version and every entry's length and checksum.
 *
 * The bytes are taken as untrusted: entries must be stored, not compressed, so what is read is
 * never larger than the file.
 *
 * @throws BAD_FILE when the file is cut short, damaged, or not one that {@link packCheckpoint} wrote
 * @throws NEWER_VERSION when a later Nacre wrote it
 * @example
 * const entries = unpackCheckpoint(packCheckpoint({ "model.json": new TextEncoder().encode("{}") }));
 * Object.keys(entries); // ["model.json"]
 */
export function unpackCheckpoint(bytes: Uint8Array): Record<string, Uint8Array> {
  const files = readEntries(bytes);
  const manifest = files.get(MANIFEST);
  if (manifest === undefined) throw bad(`an entry ${MANIFEST}`, "a zip without it");
  const listed = parseManifest(manifest);
  const unlisted = [...files.keys()].find((name) => name !== MANIFEST && !listed.has(name));
  if (unlisted !== undefined) throw bad(`only the entries that ${MANIFEST} lists`, `"${unlisted}" as well`);

  const entries = new Map<string, Uint8Array>();
  for (const [name, { bytes: length, crc32: checksum }] of listed) {
    const data = files.get(name);
    if (data === undefined) throw bad(`an entry "${name}"`, "a file without it");
    if (data.length !== length) throw bad(`${length} bytes in "${name}"`, `${data.length}`);
    const found = crc32(data);
    if (found !== checksum) throw bad(`checksum ${checksum} of "${name}"`, found);
    entries.set(name, data);
  }
  return Object.fromEntries(entries);
}

/** All entries of the archive, refused by their declared sizes before memory is taken. */
function readEntries(bytes: Uint8Array): Map<string, Uint8Array> {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) throw bad("a zip archive", "other bytes");
  const seen = new Set<string>();
  let total = 0;
  const check = ({ name, size, originalSize, compression }: ZipEntry): void => {
    const problem = name === MANIFEST ? undefined : entryNameProblem(name);
    if (problem !== undefined) throw bad("entry names within the folder", `"${name}", ${problem}`);
    if (seen.has(name)) throw bad("each entry once", `"${name}" twice`);
    seen.add(name);
    if (compression !== 0 || size !== originalSize) {
      throw bad(`"${name}" stored without compression`, `method ${compression}, ${size} of ${originalSize} bytes`);
    }
    total += size;
    if (total > bytes.length) throw bad(`at most ${bytes.length} bytes in all entries`, `${total} declared`);
  };
  try {
    return readZip(bytes, check);
  } catch (cause) {
    if (cause instanceof NacreError) throw cause;
    throw bad("a whole zip archive", `${bytes.length} bytes that end too early or are damaged`, cause);
  }
}

function bad(expected: string, received: string, cause?: unknown): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: "checkpoint",
    expected,
    received,
    fix: "the file is truncated, damaged or repacked; use another copy, or save the model again; importOnnx reads ONNX files",
    cause,
  });
}
