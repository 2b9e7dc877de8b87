import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NacreError } from "../../error.js";
import { arrayOf, type DType } from "../../tensor/dtype.js";
import { lookup3 } from "./checksum.js";
import { readHdf5 } from "./read.js";
import { type Hdf5Array, writeHdf5 } from "./write.js";

/** A path in which no name is a number at one place and a group at another. */
const paths = fc.uniqueArray(fc.array(fc.stringMatching(/^[a-z_ü]{1,6}$/), { minLength: 1, maxLength: 4 }).map((names) => names.join("/")), { maxLength: 12 });

const numbers = fc.constantFrom<DType>("float32", "float64", "int32", "uint32", "int64", "uint8", "int8").chain((dtype) =>
  fc.record({ dtype: fc.constant(dtype), shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }) }).chain(({ shape }) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    return fc.array(fc.integer({ min: 0, max: 100 }), { minLength: size, maxLength: size }).map((data): Hdf5Array => ({ dtype, shape, data: arrayOf(dtype, data) }));
  }),
);

describe("writeHdf5", () => {
  // That the library itself reads the files, checksums and all, shows in keras/accepted.json.
  test("writes what readHdf5 reads", () => {
    fc.assert(
      fc.property(paths, fc.array(numbers, { minLength: 12, maxLength: 12 }), (names, list) => {
        // Each lies in a group of its own, so that no path is another's folder.
        const arrays = new Map(names.map((name, i) => [`${i}/${name}/data`, list[i]!]));
        const found = readHdf5(writeHdf5(arrays, new Map([["empty/group", "näme"]])));
        // A group without anything in it is none of the arrays.
        expect([...found.keys()].sort()).toEqual([...arrays.keys()].sort());
        for (const [path, { shape, data }] of arrays) {
          expect(found.get(path)!.shape).toEqual(shape);
          expect([...found.get(path)!.data]).toEqual(Array.from(data as ArrayLike<number | bigint>, Number));
        }
      }),
    );
  });

  test("refuses a path that is an array and a group", () => {
    const array: Hdf5Array = { dtype: "float32", shape: [], data: Float32Array.of(1) };
    for (const names of [["a", "a/b"], ["a/b", "a"]]) expect(() => writeHdf5(new Map(names.map((name) => [name, array])))).toThrow(NacreError);
  });

  test("notices a changed header", () => {
    const bytes = writeHdf5(new Map([["a", { dtype: "float32", shape: [1], data: Float32Array.of(1) }]]));
    expect(() => readHdf5(bytes.subarray(0, -1))).toThrow(NacreError);
  });
});

test("lookup3 gives the values of its author", () => {
  const hash = (text: string): number => lookup3(new TextEncoder().encode(text));
  expect(hash("")).toBe(0xdeadbeef);
  expect(hash("Four score and seven years ago")).toBe(0x17770551);
});
