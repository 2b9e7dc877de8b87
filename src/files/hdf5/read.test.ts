import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { mutateBytes, randomSource } from "../../testing/mutate.js";
import { NacreError } from "../../error.js";
import { readHdf5 } from "./read.js";

/** A file of scripts/fixtures/hdf5.py. */
const file = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../../../conformance/hdf5/${name}.h5`, import.meta.url)));

function codeOf(bytes: Uint8Array): string {
  try {
    readHdf5(bytes);
    return "read";
  } catch (error) {
    if (error instanceof NacreError) return error.code;
    throw error;
  }
}

describe("readHdf5", () => {
  test.each(["earliest", "latest"])("reads arrays of all kinds, as the %s library writes them", (name) => {
    const arrays = readHdf5(file(name));
    expect([...arrays.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5].map((i) => `layers/dense/vars/${i}`));
    const got = (i: number) => {
      const { shape, data } = arrays.get(`layers/dense/vars/${i}`)!;
      return [shape, [...data]];
    };
    expect(got(0)).toEqual([[2, 3], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]]);
    expect(got(1)).toEqual([[2], [1e300, -2.5]]);
    expect(got(2)).toEqual([[], [-7]]);
    expect(got(3)).toEqual([[2], [1, 255]]);
    expect(got(4)).toEqual([[2], [1.5, -2]]);
    expect(got(5)).toEqual([[0, 3], []]);
  });

  test("reads half floats of both kinds", () => {
    expect([...readHdf5(file("half")).get("x")!.data]).toEqual([1.5]);
    expect([...readHdf5(file("bfloat16")).get("x")!.data]).toEqual([1.5, -2, Math.fround(2 ** 127)]);
  });

  test("reads a group whose table is a tree of several nodes", () => {
    const arrays = readHdf5(file("many"));
    expect(arrays.size).toBe(40);
    for (let i = 0; i < 40; i++) expect([...arrays.get(`many/array${i}`)!.data]).toEqual([i, i]);
  });

  test("reads bytes that begin in the middle of a buffer", () => {
    const bytes = file("earliest");
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    expect(readHdf5(padded.subarray(3))).toEqual(readHdf5(bytes));
  });

  test.each([
    ["chunks", "UNSUPPORTED"],
    ["gzip", "UNSUPPORTED"],
    ["external", "UNSUPPORTED"],
    ["outside", "BAD_FILE"],
    ["loop", "BAD_FILE"],
  ])("refuses %s with %s", (name, code) => {
    expect(codeOf(file(name))).toBe(code);
  });

  test.each(["earliest", "latest"])("refuses the %s file cut anywhere", (name) => {
    const bytes = file(name);
    for (let length = 0; length < bytes.length; length += 7) expect(codeOf(bytes.subarray(0, length))).toBe("BAD_FILE");
  });

  test("refuses an enormous shape before it takes memory", () => {
    const bytes = file("earliest");
    const view = new DataView(bytes.buffer);
    // The shape [2, 3] of the first array.
    const at = bytes.findIndex((_, i) => i % 8 === 0 && i + 16 <= bytes.length && view.getBigUint64(i, true) === 2n && view.getBigUint64(i + 8, true) === 3n);
    view.setBigUint64(at, 2n ** 40n, true);
    expect(codeOf(bytes)).toBe("BAD_FILE");
  });

  test("damaged files are read or refused with a NacreError, and in time", () => {
    const random = randomSource(5);
    const files = ["earliest", "latest", "many"].map(file);
    const counts: Record<string, number> = {};
    const begin = performance.now();
    for (let i = 0; i < 3000; i++) {
      const code = codeOf(mutateBytes(files[i % files.length]!, random));
      counts[code] = (counts[code] ?? 0) + 1;
    }
    expect(Object.keys(counts).sort()).toEqual(["BAD_FILE", "UNSUPPORTED", "read"]);
    // Some 0.3 ms a file; ten times that would mean a loop.
    expect(performance.now() - begin).toBeLessThan(30_000);
  });
});
