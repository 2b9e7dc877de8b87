import { unzipSync, zipSync } from "fflate";
import { expect, test } from "vitest";
import { packCheckpoint, unpackCheckpoint } from "./checkpoint.js";
import { crc32 } from "./crc32.js";

const text = (value: string) => new TextEncoder().encode(value);

const entries = {
  "weights.safetensors": Uint8Array.from({ length: 5000 }, (_, i) => i * i),
  "model.json": text('{"layers":[]}'),
  "notes/lies über.txt": text("…"),
  empty: new Uint8Array(0),
};

/** A stored zip of `files` with the manifest given. */
function archive(manifest: unknown, files: Record<string, Uint8Array> = {}, level: 0 | 9 = 0): Uint8Array {
  return zipSync({ "manifest.json": text(JSON.stringify(manifest)), ...files }, { level });
}

const manifestOf = (files: Record<string, Uint8Array>, version: unknown = 1) => ({
  format: "nacre",
  version,
  entries: Object.fromEntries(Object.entries(files).map(([name, d]) => [name, { bytes: d.length, crc32: crc32(d) }])),
});

const refusal = (code: string, says: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(says) as string });

test("crc32 gives the published check value", () => {
  expect(crc32(text("123456789"))).toBe("cbf43926");
  expect(crc32(text("nacre"))).toBe("09fa558d"); // Python's zlib.crc32(b"nacre")
});

test("entries come back as they were", () => {
  expect(unpackCheckpoint(packCheckpoint(entries))).toEqual(entries);
  expect(unpackCheckpoint(packCheckpoint({}))).toEqual({});
});

test("equal entries give equal bytes, in any order and time zone", () => {
  const zone = process.env["TZ"];
  const first = packCheckpoint(entries);
  process.env["TZ"] = "Pacific/Auckland";
  const second = packCheckpoint(Object.fromEntries(Object.entries(entries).toReversed()));
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
  expect(second).toEqual(first);
});

test("any zip tool opens it, and finds the manifest first", () => {
  const files = unzipSync(packCheckpoint(entries));
  expect(Object.keys(files)[0]).toBe("manifest.json");
  expect(files["model.json"]).toEqual(entries["model.json"]);
  expect(JSON.parse(new TextDecoder().decode(files["manifest.json"]))).toMatchObject({ format: "nacre", version: 1 });
});

test("every truncation is refused", () => {
  const bytes = packCheckpoint({ "model.json": text("{}"), w: new Uint8Array(64) });
  for (let length = 0; length < bytes.length; length++) {
    expect(() => unpackCheckpoint(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: "BAD_FILE" }));
  }
  expect(() => unpackCheckpoint(bytes.subarray(0, -30))).toThrow("truncated");
});

test("a flipped bit names the entry", () => {
  const bytes = packCheckpoint(entries);
  const at = bytes.findIndex((_, i) => i > 0 && bytes[i] === 49 && bytes[i - 1] === 36); // 6² and 7² of the weights
  bytes[at] = bytes[at]! ^ 4;
  expect(() => unpackCheckpoint(bytes)).toThrow(refusal("BAD_FILE", 'of "weights.safetensors"'));
});

test("a newer version says so", () => {
  expect(() => unpackCheckpoint(archive(manifestOf({}, 2)))).toThrow(refusal("NEWER_VERSION", "update nacre"));
});

const model = { "model.json": text("{}") };

test.each<[string, Uint8Array, string]>([
  ["no zip", text("hello, I am no zip at all"), "a zip archive"],
  ["a zip without manifest", zipSync(model, { level: 0 }), "an entry manifest.json"],
  ["another format", archive({ format: "onnx" }), 'format "nacre"'],
  ["a manifest that is no JSON", zipSync({ "manifest.json": text("{") }, { level: 0 }), "does not parse"],
  ["a manifest that is no object", archive([]), "a JSON object"],
  ["a version that is no number", archive(manifestOf({}, "1")), "a version from 1 up"],
  ["a version of 0.5", archive(manifestOf({}, 0.5)), "a version from 1 up"],
  ["a manifest without entries", archive({ format: "nacre", version: 1 }), "a list of entries"],
  ["an entry without checksum", archive({ format: "nacre", version: 1, entries: { a: { bytes: 1 } } }), 'crc32 of "a"'],
  ["a missing entry", archive(manifestOf(model)), 'an entry "model.json"'],
  ["an entry that is not listed", archive(manifestOf({}), model), '"model.json" as well'],
  ["a wrong length", archive(manifestOf({ "model.json": text("{} ") }), model), '3 bytes in "model.json"'],
  ["a path upwards", archive(manifestOf({}), { "../evil": text("") }), "not a plain relative path"],
  ["an absolute path", archive(manifestOf({}), { "/etc/passwd": text("") }), "not a plain relative path"],
  ["a drive", archive(manifestOf({}), { "C:evil": text("") }), "colon"],
  ["a backslash", archive(manifestOf({}), { "..\\evil": text("") }), "backslash"],
  ["a bomb", archive(manifestOf({}), { bomb: new Uint8Array(1e6) }, 9), "stored without compression"],
])("refuses %s", (_, bytes, says) => {
  expect(() => unpackCheckpoint(bytes)).toThrow(refusal("BAD_FILE", says));
});

test("a declared size beyond the file is refused before memory is taken", () => {
  const bytes = packCheckpoint({ w: new Uint8Array(64) });
  const view = new DataView(bytes.buffer);
  const central = bytes.findLastIndex((_, i) => i < bytes.length - 46 && view.getUint32(i, true) === 0x02014b50);
  view.setUint32(central + 20, 0xfffffff0, true); // compressed size
  view.setUint32(central + 24, 0xfffffff0, true); // size
  expect(() => unpackCheckpoint(bytes)).toThrow(refusal("BAD_FILE", "4294967"));
});

test("entries that overlap cannot add up to more than the file", () => {
  const bytes = packCheckpoint({ a: new Uint8Array(900), b: new Uint8Array(900).fill(1) });
  const view = new DataView(bytes.buffer);
  const central = bytes.findLastIndex((_, i) => i < bytes.length - 46 && view.getUint32(i, true) === 0x02014b50);
  view.setUint32(central + 20, 1900, true);
  view.setUint32(central + 24, 1900, true);
  expect(() => unpackCheckpoint(bytes)).toThrow(refusal("BAD_FILE", "in all entries"));
});

test.each(["", "../up", "/root", "a//b", "a/./b", "a\\b", "c:d", "a\nb", "__proto__", "manifest.json", "x".repeat(201)])(
  "does not pack an entry named %j",
  (name) => {
    const files = Object.fromEntries([[name, new Uint8Array(1)]]);
    expect(() => packCheckpoint(files)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  },
);
