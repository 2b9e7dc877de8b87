import { expect, test } from "vitest";
import { NacreError } from "../error.js";
import { packCheckpoint, unpackCheckpoint } from "./checkpoint.js";
import { mutateBytes, randomSource } from "../testing/mutate.js";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";

const RUNS = 2000;

const tensorFile = encodeSafetensors(
  new Map([
    ["flags", { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) }],
    ["dense/kernel", { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, -0, NaN, 4) }],
    ["ids", { dtype: "int64", shape: [1], data: BigInt64Array.of(-5n) }],
  ]),
  { made: "by hand" },
);

const entries = {
  "model.json": new TextEncoder().encode('{"layers":[]}'),
  "train.json": new TextEncoder().encode('{"epoch":3}'),
  "weights.safetensors": tensorFile,
};

/** How many of the mutated files are refused; anything but a NacreError is thrown on. */
function countRefused(original: Uint8Array, read: (bytes: Uint8Array) => void): number {
  const random = randomSource(1);
  let refused = 0;
  for (let i = 0; i < RUNS; i++) {
    try {
      read(mutateBytes(original, random));
    } catch (error) {
      if (!(error instanceof NacreError)) throw error;
      refused++;
    }
  }
  return refused;
}

test("2,000 mutated checkpoints give exactly what was packed, or a NacreError", () => {
  const refused = countRefused(packCheckpoint(entries), (bytes) => {
    expect(unpackCheckpoint(bytes)).toEqual(entries);
  });
  // Most damage meets a checksum; some meets fields that carry nothing, such as times.
  expect(refused).toBeGreaterThan(RUNS / 2);
  expect(refused).toBeLessThan(RUNS);
});

test("2,000 mutated safetensors files are read soundly, or a NacreError", () => {
  // The format has no checksum, so a changed weight or name is another valid file.
  // Sound means: what was read writes and reads back as itself, and is no larger than the file
  // (twice, where 16-bit floats widen).
  const refused = countRefused(tensorFile, (bytes) => {
    const read = decodeSafetensors(bytes);
    const held = [...read.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(held).toBeLessThanOrEqual(2 * bytes.length);
    expect(decodeSafetensors(encodeSafetensors(read.tensors, read.metadata))).toEqual(read);
  });
  expect(refused).toBeGreaterThan(RUNS / 2);
  expect(refused).toBeLessThan(RUNS);
});
