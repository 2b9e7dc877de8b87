import fc from "fast-check";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import "../ops/methods.js";
import { getRuntime, setRuntime } from "./runtime.js";
import { tensor } from "./convert.js";
import { DTYPES, type DType, type TypedArray, arrayOf, holds } from "./dtype.js";
import { type NestedArray, Tensor } from "./tensor.js";

describe("tensor", () => {
  it("takes the shape of nested arrays, and gives the same arrays back", async () => {
    const nested = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }).chain((shape) => {
      const level = (at: number): fc.Arbitrary<NestedArray> =>
        at === shape.length ? fc.float({ noNaN: true }) : fc.array(level(at + 1), { minLength: shape[at]!, maxLength: shape[at]! });
      return fc.tuple(fc.constant(shape), level(0));
    });
    await fc.assert(
      fc.asyncProperty(nested, async ([shape, values]) => {
        const x = tensor(values as number[]);
        // Below an empty axis there is nothing to tell the lengths.
        const cut = shape.includes(0) ? shape.slice(0, shape.indexOf(0) + 1) : shape;
        expect(x.shape).toEqual(cut);
        expect(await x.toArray()).toEqual(values);
      }),
      { numRuns: 200 },
    );
  });

  it("reads typed arrays with their own dtype, and JavaScript's numbers as float32", async () => {
    expect(tensor(Int32Array.of(1, 2)).dtype).toBe("int32");
    expect(tensor(Float64Array.of(1, 2)).dtype).toBe("float32");
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(await tensor([true, false]).toArray()).toEqual([true, false]);
    expect(tensor(new Float32Array(6), { shape: [2, 3] }).shape).toEqual([2, 3]);
    expect(await tensor(BigInt64Array.of(2n ** 62n)).toArray()).toEqual([2n ** 62n]);
    expect(tensor(Float64Array.of(0.1), { dtype: "float64" }).dtype).toBe("float64");
  });

  for (const [title, data] of [
    ["rows of different lengths", [[1, 2], [3]]],
    ["a number beside a row", [1, [2]]],
    ["a row beside a number", [[1], 2]],
    ["an empty row beside a full one", [[], [1]]],
    ["different depths", [[[1]], [1]]],
  ] as const) {
    it(`refuses ragged arrays: ${title}`, () => {
      expect(() => tensor(data as never)).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH", where: "tensor" }));
    });
  }

  it("refuses what is no number", () => {
    for (const bad of [["a"], [null], [undefined], [1n], [{}], null]) {
      expect(() => tensor(bad as never)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
    expect(() => tensor(new DataView(new ArrayBuffer(4)) as never)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });

  it("refuses a shape that does not fit", () => {
    for (const shape of [[4], [2, 2], [-1, -3], [1.5, 2]]) {
      expect(() => tensor([1, 2, 3], { shape })).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH" }));
    }
  });

  it("refuses values that a dtype cannot hold, and takes those at the very ends", () => {
    const ends: Partial<Record<DType, [TypedArray | number[], (number | bigint)[]]>> = {
      bool: [[0, 1], [2, -1]],
      int8: [[-128, 127], [128, -129]],
      uint8: [[0, 255], [-1, 256]],
      int32: [[-(2 ** 31), 2 ** 31 - 1], [2 ** 31]],
      uint32: [[0, 2 ** 32 - 1], [2 ** 32, -1]],
      int64: [[-(2 ** 63), 2 ** 53], [2 ** 63]],
    };
    for (const [dtype, [good, bad]] of Object.entries(ends) as [DType, [number[], number[]]][]) {
      const exact = Array.from(arrayOf(dtype, good), Number);
      expect(exact).toEqual(good);
      expect(tensor(good, { dtype }).dtype).toBe(dtype);
      for (const value of [...bad, 0.5, Number.NaN, Infinity]) {
        expect(holds(dtype, value)).toBe(false);
        expect(() => tensor([value], { dtype })).toThrow(expect.objectContaining({ code: "DTYPE_MISMATCH" }));
        expect(() => tensor(Float64Array.of(value), { dtype })).toThrow(expect.objectContaining({ code: "DTYPE_MISMATCH" }));
      }
    }
    expect(holds("int64", 2n ** 63n - 1n)).toBe(true);
    expect(holds("int64", 2n ** 63n)).toBe(false);
  });
});

describe("arithmetic with plain numbers", () => {
  it("keeps the tensor's dtype, and refuses numbers that it cannot hold", async () => {
    const ids = tensor([1, 2], { dtype: "int32" });
    expect(ids.add(1).dtype).toBe("int32");
    expect(await ids.mul(3).toArray()).toEqual([3, 6]);
    expect(() => ids.add(0.5)).toThrow(expect.objectContaining({ code: "DTYPE_MISMATCH", received: "0.5" }));
    expect(() => tensor(Uint8Array.of(1)).add(300)).toThrow(expect.objectContaining({ code: "DTYPE_MISMATCH" }));
    expect(() => ids.add(tensor([0.5, 1]))).toThrow(expect.objectContaining({ code: "DTYPE_MISMATCH" }));
  });

  it("is refused by operators of JavaScript, which would give NaN without a word", () => {
    const x = tensor([1]) as unknown as number;
    for (const act of [() => x * 2, () => x > 0, () => -x, () => Math.max(x, 1)]) {
      expect(act).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
    expect(String(tensor(1))).toBe("Tensor float32 [] 1");
  });
});

describe("reading a tensor", () => {
  it("item wants one element", async () => {
    expect(await tensor([[7]]).item()).toBe(7);
    expect(await tensor(7).item()).toBe(7);
    await expect(tensor([1, 2]).item()).rejects.toMatchObject({ code: "SHAPE_MISMATCH", received: "shape [2]" });
  });

  it("works for scalars and for tensors without elements", async () => {
    expect([tensor(3).shape, tensor(3).size, tensor(3).rank, await tensor(3).toArray()]).toEqual([[], 1, 0, 3]);
    const none = tensor(new Float32Array(0), { shape: [2, 0] });
    expect([none.size, await none.toArray(), String(none)]).toEqual([0, [[], []], "Tensor float32 [2, 0] [[], []]"]);
    expect(await none.add(1).toArray()).toEqual([[], []]);
    expect(await none.sum().item()).toBe(0);
  });

  it("runs an expression once, however often it is asked", async () => {
    const runtime = getRuntime();
    let runs = 0;
    setRuntime({
      evaluate: (tensors) => {
        runs++;
        return runtime.evaluate(tensors);
      },
    });
    try {
      const x = tensor([1, 2]).add(1);
      await Promise.all([x.data(), x.toArray(), x.data()]);
      await x.data();
      expect(runs).toBe(1);
      setRuntime({ evaluate: () => Promise.reject(new Error("down")) });
      const y = x.mul(2);
      await expect(y.data()).rejects.toThrow("down");
      setRuntime(runtime);
      expect(await y.toArray()).toEqual([4, 6]);
    } finally {
      setRuntime(runtime);
    }
  });

  it("forgets how a value came about, so that loops do not hold all that was before", async () => {
    const x = tensor([1]).add(1);
    expect(x.producer).toBeDefined();
    await x.data();
    expect(x.producer).toBeUndefined();
    expect(await x.add(1).toArray()).toEqual([3]);
  });
});

describe("printing", () => {
  it("shows dtype, shape and values, short", () => {
    expect(String(tensor([[1, 2.5], [-0.000123456, 1e9]]))).toBe("Tensor float32 [2, 2] [[1, 2.5], [-0.0001235, 1000000000]]");
    expect(String(tensor([true, false]))).toBe("Tensor bool [2] [true, false]");
    expect(String(tensor(Array.from({ length: 100 }, (_, i) => i)))).toBe("Tensor float32 [100] [0, 1, 2, …, 97, 98, 99]");
    expect(String(tensor([Number.NaN, -Infinity]))).toBe("Tensor float32 [2] [NaN, -Infinity]");
    expect(inspect(tensor(1))).toBe("Tensor float32 [] 1");
  });

  it("says where the value is when it is not at hand", async () => {
    const x = tensor([1]).add(1);
    expect(String(x)).toBe("Tensor float32 [1] (add, not yet run)");
    await x.data();
    expect(String(x)).toBe("Tensor float32 [1] (held by the engine)");
    expect(String(new Tensor({ shape: ["batch", 2], dtype: "int32", name: "x" }))).toBe("Tensor int32 [batch, 2] (placeholder)");
  });

  it("knows every dtype", async () => {
    for (const dtype of DTYPES) expect(String(tensor([1, 0], { dtype }))).toMatch(new RegExp(`^Tensor ${dtype} \\[2\\] \\[(1, 0|true, false)\\]$`));
  });
});

describe("lists of typed arrays", () => {
  it("are the rows of a tensor of their dtype", async () => {
    const rows = tensor([new Uint8Array([1, 2]), new Uint8Array([3, 255])]);
    expect([rows.dtype, rows.shape]).toEqual(["uint8", [2, 2]]);
    expect(await rows.toArray()).toEqual([[1, 2], [3, 255]]);
    expect(tensor([new Float64Array([0.5])]).dtype).toBe("float32");
    expect(tensor([new BigInt64Array([2n ** 40n])]).dtype).toBe("int64");
  });

  it("are refused where their lengths differ", () => {
    expect(() => tensor([new Float32Array(2), new Float32Array(3)])).toThrow(/different lengths at depth 1/);
    expect(() => tensor([new Float32Array(2), 1] as never)).toThrow(/different lengths at depth 1/);
    expect(() => tensor([1, new Float32Array(2)] as never)).toThrow(/different lengths at depth 1/);
  });
});

it.each([
  [[[1, 2], [3, null]], /null in row 1 .*fill gaps/],
  [[[[1], [2]], [[3], ["x"]]], /the text "x" in row 1 .*Number\(text\)/],
  [[1, 2, undefined], /undefined in row 2 /],
  ["abc", /the text "abc"\. /],
])("what is no number is refused with its place: %j", (value, message) => {
  expect(() => tensor(value as never)).toThrow(message);
});

it("has a copy of a typed array, which may change before an expression reads it", async () => {
  const data = Float32Array.of(1, 2);
  const x = tensor(data);
  const sums = [x.add(1), x.add(data)];
  data.fill(9);
  expect(await x.toArray()).toEqual([1, 2]);
  expect(await Promise.all(sums.map((sum) => sum.toArray()))).toEqual([[2, 3], [2, 4]]);
});
