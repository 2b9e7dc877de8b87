import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NacreError } from "../error.js";
import { type DType, DTYPES, bytesPerElement } from "../tensor/dtype.js";
import { type GraphProto, type ModelProto, type TensorProto, decodeModel, encodeModel } from "./proto.js";
import { WireWriter } from "./protoWire.js";

const text = fc.string({ unit: "grapheme", maxLength: 8 });
const dtype = fc.constantFrom<DType>(...DTYPES);
const int = fc.maxSafeInteger();

const tensor: fc.Arbitrary<TensorProto> = fc
  .record({ name: text, dtype, shape: fc.array(fc.nat(4), { maxLength: 3 }), fill: fc.nat(255) })
  .map(({ fill, ...spec }) => {
    const length = spec.shape.reduce((a, b) => a * b, 1) * bytesPerElement(spec.dtype);
    return { ...spec, data: new Uint8Array(length).fill(fill) };
  });

const port = fc.record({
  name: text,
  dtype,
  shape: fc.option(fc.array(fc.oneof(fc.nat(), fc.string({ minLength: 1 })), { maxLength: 4 }), { nil: undefined }),
});

const { graph } = fc.letrec<{ graph: GraphProto; attribute: GraphProto["nodes"][number]["attributes"][number] }>((tie) => ({
  attribute: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.record({ name: text, type: fc.constant("int" as const), value: int }),
    fc.record({ name: text, type: fc.constant("float" as const), value: fc.float() }),
    fc.record({ name: text, type: fc.constant("string" as const), value: text }),
    fc.record({ name: text, type: fc.constant("ints" as const), value: fc.array(int) }),
    fc.record({ name: text, type: fc.constant("floats" as const), value: fc.array(fc.float()) }),
    fc.record({ name: text, type: fc.constant("strings" as const), value: fc.array(text) }),
    fc.record({ name: text, type: fc.constant("tensor" as const), value: tensor }),
    fc.record({ name: text, type: fc.constant("graph" as const), value: tie("graph") }),
  ),
  graph: fc.record({
    name: text,
    nodes: fc.array(
      fc.record({
        name: text,
        opType: fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
        domain: text,
        inputs: fc.array(text),
        outputs: fc.array(text),
        attributes: fc.array(tie("attribute"), { maxLength: 3 }),
      }),
      { maxLength: 2 },
    ),
    initializers: fc.array(tensor, { maxLength: 3 }),
    inputs: fc.array(port, { maxLength: 3 }),
    outputs: fc.array(port, { maxLength: 3 }),
  }),
}));

const model: fc.Arbitrary<ModelProto> = fc.record(
  {
    irVersion: fc.nat(),
    opsetImports: fc.array(fc.record({ domain: text, version: fc.nat() })),
    producerName: text,
    producerVersion: text,
    docString: text,
    metadata: fc.dictionary(text, text),
    graph,
  },
  { requiredKeys: ["irVersion", "opsetImports", "producerName", "producerVersion", "metadata", "graph"] },
);

/** A model whose only stored tensor is written by `write`, as other writers might. */
function modelWith(write: (out: WireWriter) => void): Uint8Array {
  const out = new WireWriter();
  out.message(7, (inner) => inner.message(5, write, undefined), undefined);
  return out.finish();
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof NacreError) return error.code;
    throw error;
  }
  return "none";
}

describe("ONNX files", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(model, (value) => {
        const back = decodeModel(encodeModel(value));
        // A metadata key may be "__proto__", so entries are compared.
        expect(Object.entries(back.metadata)).toEqual(Object.entries(value.metadata));
        expect({ ...back, metadata: {} }).toEqual({ ...value, metadata: {} });
      }),
      { numRuns: 200 },
    );
  });

  it("hold the bytes of the format", () => {
    const bytes = encodeModel({
      irVersion: 10,
      opsetImports: [{ domain: "", version: 300 }],
      producerName: "n",
      producerVersion: "",
      metadata: {},
      graph: { name: "g", nodes: [], initializers: [], inputs: [], outputs: [] },
    });
    // Field 1 varint 10; field 2 "n"; field 3 ""; field 7 { 2: "g" }; field 8 { 1: "", 2: 300 }.
    expect([...bytes]).toEqual([8, 10, 18, 1, 110, 26, 0, 58, 3, 18, 1, 103, 66, 5, 10, 0, 16, 172, 2]);
  });

  it("read numbers that are listed instead of stored raw, packed or not", () => {
    const bytes = modelWith((out) => {
      out.bytes(1, Uint8Array.of(2)); // dims, packed
      out.int(2, 7);
      out.int(7, 2 ** 63); // goes to the nearest int64: what Slice means by "to the end"
      out.int(7, -3);
    });
    const stored = decodeModel(bytes).graph.initializers[0]!;
    expect(stored.shape).toEqual([2]);
    expect([...new BigInt64Array(stored.data.slice().buffer)]).toEqual([2n ** 63n - 1n, -3n]);
  });

  it("take a list of floats in one piece for what it is, as raw data", () => {
    const list = (parts: readonly (readonly number[])[], element = 1): { bytes: Uint8Array; stored: TensorProto } => {
      const bytes = modelWith((out) => {
        out.int(1, parts.flat().length);
        out.int(2, element);
        for (const part of parts) out.bytes(4, new Uint8Array(Float32Array.from(part).buffer));
      });
      return { bytes, stored: decodeModel(bytes).graph.initializers[0]! };
    };
    const { bytes, stored } = list([[1.5, -2, 0.25]]);
    expect([...new Float32Array(stored.data.slice().buffer)]).toEqual([1.5, -2, 0.25]);
    expect(stored.data.buffer).toBe(bytes.buffer);
    expect([...new Float32Array(list([[1.5], [-2, 0.25]]).stored.data.slice().buffer)]).toEqual([1.5, -2, 0.25]);
    expect([...new Int32Array(list([[3, 4]], 6).stored.data.slice().buffer)]).toEqual([3, 4]);
    expect(codeOf(() => decodeModel(modelWith((out) => (out.int(1, 1), out.int(2, 1), out.bytes(4, Uint8Array.of(1, 2, 3, 4, 5))))))).toBe("BAD_FILE");
  });

  it("cannot hold a fraction where an integer belongs", () => {
    expect(codeOf(() => new WireWriter().int(3, 0.5))).toBe("BAD_ARGUMENT");
  });

  it("are refused when cut short, with no other error than NacreError", () => {
    fc.assert(
      fc.property(model, fc.nat(), (value, at) => {
        const bytes = encodeModel(value);
        const code = codeOf(() => decodeModel(bytes.subarray(0, at % bytes.length)));
        // A cut between two fields may leave a smaller valid model.
        expect(["BAD_FILE", "none"]).toContain(code);
      }),
    );
  });

  it("never fail otherwise than with NacreError on arbitrary bytes", () => {
    fc.assert(
      fc.property(model, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), (value, edits) => {
        const bytes = encodeModel(value);
        for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
        expect(["BAD_FILE", "UNSUPPORTED", "none"]).toContain(codeOf(() => decodeModel(bytes)));
      }),
      { numRuns: 500 },
    );
  });

  it("are refused when a tensor's data does not fit its shape", () => {
    for (const dims of [[3], [-1], [2 ** 40, 2 ** 40]]) {
      const bytes = modelWith((out) => {
        for (const dim of dims) out.int(1, dim);
        out.int(2, 1);
        out.bytes(9, new Uint8Array(8));
      });
      expect(codeOf(() => decodeModel(bytes))).toBe("BAD_FILE");
    }
  });

  it("are refused when graphs nest without end", () => {
    let inner = new Uint8Array(0);
    for (let depth = 0; depth < 200; depth++) {
      const out = new WireWriter();
      out.message(1, (node) => node.message(5, (attribute) => attribute.bytes(6, inner), undefined), undefined);
      inner = Uint8Array.from(out.finish());
    }
    const out = new WireWriter();
    out.bytes(7, inner);
    expect(codeOf(() => decodeModel(out.finish()))).toBe("BAD_FILE");
  });

  it("say where data in another file lies, and widen half floats and short integers", () => {
    const outside = modelWith((out) => {
      out.int(1, 5);
      out.int(2, 10);
      for (const [key, value] of [["location", "w.bin"], ["offset", "64"]] as const) {
        out.message(13, (entry) => (entry.string(1, key), entry.string(2, value)), undefined);
      }
      out.int(14, 1);
    });
    expect(decodeModel(outside).graph.initializers[0]).toMatchObject({ dtype: "float32", external: { location: "w.bin", offset: 64, element: 10 } });
    expect(codeOf(() => decodeModel(modelWith((out) => (out.int(2, 1), out.int(14, 1)))))).toBe("BAD_FILE");
    const stored = (element: number, shape: number, raw: readonly number[]): TensorProto =>
      decodeModel(modelWith((out) => (out.int(1, shape), out.int(2, element), out.bytes(9, Uint8Array.from(raw))))).graph.initializers[0]!;
    const floats = (tensor: TensorProto): number[] => [...new Float32Array(tensor.data.slice().buffer)];
    // 1.5, −2, the smallest subnormal and −∞ as float16; 1.5 as bfloat16.
    expect(floats(stored(10, 4, [0x00, 0x3e, 0x00, 0xc0, 0x01, 0x00, 0x00, 0xfc]))).toEqual([1.5, -2, 2 ** -24, -Infinity]);
    expect(floats(stored(16, 1, [0xc0, 0x3f]))).toEqual([1.5]);
    expect([...new Int32Array(stored(5, 1, [0xfe, 0xff]).data.slice().buffer)]).toEqual([-2]);
    expect([...new Int8Array(stored(22, 3, [0x7f, 0x08]).data.slice().buffer)]).toEqual([-1, 7, -8]);
    expect(codeOf(() => stored(10, 4, [0]))).toBe("BAD_FILE");
    expect(codeOf(() => stored(8, 0, []))).toBe("UNSUPPORTED");
  });
});
