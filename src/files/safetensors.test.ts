import fc from "fast-check";
import { expect, test } from "vitest";
import { DTYPES, bytesPerElement, viewBytes } from "../tensor/dtype.js";
import { type StoredTensor, decodeSafetensors, encodeSafetensors } from "./safetensors.js";

const sample = new Map<string, StoredTensor>([
  ["flags", { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) }],
  ["dense/kernel", { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, -0, NaN, 4) }],
  ["ids", { dtype: "int64", shape: [1], data: BigInt64Array.of(-5n) }],
  ["step", { dtype: "int32", shape: [], data: Int32Array.of(7) }],
  ["empty", { dtype: "float64", shape: [0, 9], data: new Float64Array(0) }],
]);

/** A file with this header, whatever it says. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

test("tensors and metadata come back as they were, in order", () => {
  const bytes = encodeSafetensors(sample, { made: "by hand", __proto__x: "" });
  const { tensors, metadata } = decodeSafetensors(bytes);
  expect([...tensors]).toEqual([...sample]);
  expect(metadata).toEqual({ made: "by hand", __proto__x: "" });
});

test("data begins aligned and every tensor is aligned to its element", () => {
  const bytes = encodeSafetensors(sample);
  const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(headerLength % 8).toBe(0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  for (const [name, { dtype }] of sample) expect(header[name]!.data_offsets[0] % bytesPerElement(dtype)).toBe(0);
});

test("any tensors make the round trip", () => {
  const tensor = fc.record({ dtype: fc.constantFrom(...DTYPES), shape: fc.array(fc.nat(4), { maxLength: 3 }), seed: fc.nat() });
  const named = fc.dictionary(fc.string({ unit: "grapheme", minLength: 1 }), tensor, { maxKeys: 6 });
  fc.assert(
    fc.property(named, (record) => {
      const tensors = new Map<string, StoredTensor>();
      for (const [name, { dtype, shape, seed }] of Object.entries(record)) {
        const size = shape.reduce((product, dim) => product * dim, 1);
        const limit = dtype === "bool" ? 2 : 256;
        const raw = Uint8Array.from({ length: size * bytesPerElement(dtype) }, (_, i) => (seed + 37 * i) % limit);
        tensors.set(name, { dtype, shape, data: viewBytes(dtype, raw.buffer, 0, size) });
      }
      expect([...decodeSafetensors(encodeSafetensors(tensors)).tensors]).toEqual([...tensors]);
    }),
    { numRuns: 100 },
  );
});

test("tensors do not share memory with the file, even when it is a Buffer", () => {
  const bytes = Buffer.from(encodeSafetensors(sample));
  const { tensors } = decodeSafetensors(bytes);
  bytes.fill(0);
  expect(tensors.get("step")!.data).toEqual(Int32Array.of(7));
});

test("16-bit floats widen to float32", () => {
  // 1.5, -2, the half just above 5.96e-8, the largest half and infinity; then 1.5 and -2 in bfloat16.
  const bits = Uint16Array.of(15872, 49152, 1, 31743, 31744, 0x3fc0, 0xc000);
  const header = {
    half: { dtype: "F16", shape: [5], data_offsets: [0, 10] },
    brain: { dtype: "BF16", shape: [2], data_offsets: [10, 14] },
  };
  const bytes = file(header, 14);
  bytes.set(new Uint8Array(bits.buffer), bytes.length - 14);
  const { tensors } = decodeSafetensors(bytes);
  expect(tensors.get("half")!.data).toEqual(Float32Array.of(1.5, -2, 2 ** -24, 65504, Infinity));
  expect(tensors.get("brain")!.data).toEqual(Float32Array.of(1.5, -2));
});

const f32 = (shape: unknown, offsets: unknown) => ({ dtype: "F32", shape, data_offsets: offsets });

test.each<[string, Uint8Array, string]>([
  ["nothing", new Uint8Array(0), "at least 8 bytes"],
  ["a huge header length", new Uint8Array(16).fill(255), "18446744073709551615"],
  ["no JSON", file("{"), "does not parse"],
  ["bytes that are no UTF-8", file("{}").fill(255, 8), "does not parse"],
  ["an array as header", file("[]"), "a JSON object"],
  ["a number as tensor", file({ w: 1 }), 'an object for tensor "w"'],
  ["metadata that is no text", file({ __metadata__: { a: 1 } }), 'metadata "a"'],
  ["an unknown dtype", file({ w: { dtype: "F31", shape: [], data_offsets: [0, 4] } }, 4), "F31"],
  ["a negative dimension", file({ w: f32([-1, -1], [0, 4]) }, 4), "a shape of counts"],
  ["a fractional dimension", file({ w: f32([0.5, 2], [0, 4]) }, 4), "a shape of counts"],
  ["a dimension past 2^53", file({ w: f32([2 ** 53], [0, 4]) }, 4), "a shape of counts"],
  ["a product past any memory", file({ w: f32([2 ** 40, 2 ** 40], [0, 4]) }, 4), "4.8"],
  ["three offsets", file({ w: f32([1], [0, 4, 8]) }, 4), "two data_offsets"],
  ["data past the end", file({ w: f32([2], [0, 8]) }, 4), "8 bytes of data"],
  ["data that no tensor has", file({ w: f32([1], [0, 4]) }, 8), "4 bytes of data"],
  ["overlapping tensors", file({ v: f32([2], [0, 8]), w: f32([1], [4, 8]) }, 8), "begin at byte 8"],
  ["a hole", file({ v: f32([1], [0, 4]), w: f32([1], [8, 12]) }, 12), "begin at byte 4"],
  ["a bool of 2", file({ b: { dtype: "BOOL", shape: [1], data_offsets: [0, 1] } }, 1).fill(2, -1), "0 and 1"],
])("refuses %s", (_, bytes, says) => {
  expect(() => decodeSafetensors(bytes)).toThrow(says);
  expect(() => decodeSafetensors(bytes)).toThrow(expect.objectContaining({ code: "BAD_FILE" }));
});

test("element types that Nacre lacks are named as such", () => {
  const bytes = file({ w: { dtype: "U16", shape: [1], data_offsets: [0, 2] } }, 2);
  expect(() => decodeSafetensors(bytes)).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
});

test.each<[string, string, StoredTensor]>([
  ["too little data", "w", { dtype: "float32", shape: [3], data: new Float32Array(2) }],
  ["data of another type", "w", { dtype: "float32", shape: [2], data: new Int32Array(2) }],
  ["a negative shape", "w", { dtype: "float32", shape: [-1, -2], data: new Float32Array(2) }],
  ["the reserved name", "__metadata__", { dtype: "float32", shape: [2], data: new Float32Array(2) }],
])("does not write %s", (_, name, tensor) => {
  expect(() => encodeSafetensors(new Map([[name, tensor]]))).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
});
