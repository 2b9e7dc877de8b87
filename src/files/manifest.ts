import { NacreError } from "../error.js";
import { crc32 } from "./crc32.js";

/** The entry that lists the others. */
export const MANIFEST = "manifest.json";

/** What this Nacre writes; files of any version up to it are read. */
const VERSION = 1;

/** Length and checksum of one entry. */
export interface ManifestEntry {
  readonly bytes: number;
  readonly crc32: string;
}

/** The manifest of `entries`, listed in the order of `names`. */
export function writeManifest(entries: Readonly<Record<string, Uint8Array>>, names: readonly string[]): Uint8Array {
  const list = names.map((name): [string, ManifestEntry] => {
    const data = entries[name]!;
    return [name, { bytes: data.length, crc32: crc32(data) }];
  });
  const manifest = { format: "nacre", version: VERSION, entries: Object.fromEntries(list) };
  return new TextEncoder().encode(JSON.stringify(manifest));
}

/** Reads a manifest; its numbers are checked against the entries by the caller. */
export function parseManifest(bytes: Uint8Array): Map<string, ManifestEntry> {
  const manifest = parseJson(bytes);
  if (manifest["format"] !== "nacre") throw bad('format "nacre"', show(manifest["format"]));
  const version = manifest["version"];
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1) {
    throw bad("a version from 1 up", show(version));
  }
  if (version > VERSION) {
    throw new NacreError({
      code: "NEWER_VERSION",
      where: "checkpoint",
      expected: `format version ${VERSION} or older`,
      received: `${version}`,
      fix: "update nacre, or save the model again with this version",
    });
  }
  const { entries } = manifest;
  if (!isRecord(entries)) throw bad("a list of entries", show(entries));
  return new Map(Object.entries(entries).map(([name, entry]) => [name, checkEntry(name, entry)]));
}

/** Why `name` cannot name an entry, if it cannot: it would leave the folder it is unpacked in, or mean another thing there. */
export function entryNameProblem(name: string): string | undefined {
  if (name.length === 0 || name.length > 200) return `which has ${name.length} characters, not 1 to 200`;
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000-\u001f\u007f\\:]/.test(name)) return "which has a backslash, colon or control character";
  if (name === MANIFEST) return "which is reserved";
  const segments = name.split("/");
  if (segments.some((segment) => ["", ".", "..", "__proto__"].includes(segment))) {
    return "which is not a plain relative path";
  }
  return undefined;
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isRecord(json)) return json;
  } catch (cause) {
    throw bad("JSON", "something that does not parse", cause);
  }
  throw bad("a JSON object", "another JSON value");
}

function checkEntry(name: string, entry: unknown): ManifestEntry {
  if (!isRecord(entry)) throw bad(`an object for "${name}"`, show(entry));
  const { bytes, crc32: checksum } = entry;
  if (typeof bytes !== "number" || typeof checksum !== "string") {
    throw bad(`bytes and crc32 of "${name}"`, show(entry));
  }
  return { bytes, crc32: checksum };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 60);
}

function bad(expected: string, received: string, cause?: unknown): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: `checkpoint: ${MANIFEST}`,
    expected,
    received,
    fix: "the file is damaged or not a .nacre file; use another copy, or save the model again",
    cause,
  });
}
