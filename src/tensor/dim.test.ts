import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Dim, addDims, divDims, evaluateDim, mulDims } from "./dim.js";

/** A dimension built of numbers and symbols, with the number that it stands for at b = 3, t = 5. */
const VALUES = { b: 3, t: 5 };
const dims: fc.Arbitrary<{ dim: Dim; value: number }> = fc.letrec<{ dim: { dim: Dim; value: number } }>((tie) => ({
  dim: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: -4, max: 9 }).map((n) => ({ dim: n as Dim, value: n })),
    fc.constantFrom("b" as const, "t" as const).map((symbol) => ({ dim: symbol as Dim, value: VALUES[symbol] })),
    fc.tuple(tie("dim"), tie("dim"), fc.boolean()).map(([x, y, plus]) => ({
      dim: plus ? addDims(x.dim, y.dim) : mulDims(x.dim, y.dim),
      value: plus ? x.value + y.value : x.value * y.value,
    })),
  ),
})).dim;

describe("dimensions", () => {
  it("stand for the number that they were built from", () => {
    fc.assert(fc.property(dims, ({ dim, value }) => {
      // Not toBe, which tells −0 from 0.
      expect(evaluateDim(dim, VALUES) === value).toBe(true);
    }));
  });

  it("are equal strings when they are equal", () => {
    fc.assert(
      fc.property(dims, dims, dims, ({ dim: a }, { dim: b }, { dim: c }) => {
        expect(addDims(a, b) === addDims(b, a)).toBe(true);
        expect(mulDims(a, mulDims(b, c)) === mulDims(mulDims(a, b), c)).toBe(true);
        expect(mulDims(a, addDims(b, c)) === addDims(mulDims(a, b), mulDims(a, c))).toBe(true);
      }),
    );
  });

  it("divide where nothing is left over", () => {
    expect([divDims("4*b", 2), divDims("4*b*t", "b"), divDims("3*b", 2), divDims("b+4", "b+4")]).toEqual(["2*b", "4*t", undefined, 1]);
    fc.assert(
      fc.property(dims, ({ dim }) => {
        expect(divDims(mulDims(dim, "6*b"), "6*b") === dim).toBe(true);
      }),
    );
  });

  it("name the symbol that has no value", () => {
    expect(() => evaluateDim("2*batch+1", {})).toThrow(/free dimension "2\*batch\+1"/);
  });
});
