import { describe, expect, it } from "vitest";
import { nodesOf } from "../../graph/graph.js";
import { readFixtures } from "../../testing/fixtures.js";
import { type OpCase, opTests } from "../../testing/opTest.js";
import { ones } from "../shape/fill.js";
import * as matrix from "./index.js";

const fixtures = readFixtures(new URL("./matrix.fixtures.json", import.meta.url));

/** Equations, with the operands whose first axis may be free. */
const EQUATIONS: Record<string, true | readonly number[]> = {
  "bij,bjk->bik": true,
  "bqhd,bkhd->bhqk": true,
  "...i,ij->...j": [0],
  "...ij,...jk": [0],
  "i,j->ji": [0],
  "i,i->": true,
  "ijk->ki": true,
  "ii->i": [],
  "iji,jk->k": [],
  "ba, ab": [],
  cab: true,
  "ab,b,ca->c": [2],
  "ab,cd->ad": [0],
  "a,,->a": [0],
  "ab,bc->ac": [0],
};

opTests(matrix, fixtures, {
  dot: [{ name: "vectors" }, { name: "matrix, three axes", freeBatch: [0] }, { name: "scalar" }],
  einsum: Object.entries(EQUATIONS).map(([name, free]): OpCase => {
    const batch = free === true || free.length > 0 ? { freeBatch: free } : {};
    return { name, call: (...operands) => matrix.einsum(name, operands), ...batch };
  }) as [OpCase, ...OpCase[]],
  kron: [{ name: "matrices", freeBatch: [0] }, { name: "matrix and vector", freeBatch: [0] }],
  mapAxis: [
    { name: "middle axis", call: (x, m) => matrix.mapAxis(x, m, 1), freeBatch: [0] },
    { name: "last axis", freeBatch: [0] },
    { name: "first axis", call: (x, m) => matrix.mapAxis(x, m, 0) },
  ],
  matmul: [
    { name: "matrices" },
    { name: "batch against one matrix" },
    { name: "batches broadcast both ways" },
    { name: "one matrix against a batch" },
    { name: "vectors" },
    { name: "vector on the left" },
    { name: "vector on the right" },
    {
      name: "both transposed",
      call: (a, b) => matrix.matmul(a, b, { transposeA: true, transposeB: true }),
      freeBatch: true,
    },
    { name: "no rows" },
    { name: "nothing to sum" },
  ],
  outer: [{ name: "vectors", freeBatch: [0] }, { name: "laid flat", freeBatch: [0] }],
  tensorDot: [
    { name: "two axes", freeBatch: [0] },
    { name: "chosen axes", call: (x, y) => matrix.tensorDot(x, y, { axes: [[0, 2], [1, 0]] }) },
    { name: "none", call: (x, y) => matrix.tensorDot(x, y, { axes: 0 }), freeBatch: [0] },
  ],
  trace: [{ name: "batch", freeBatch: true }],
});

describe("einsum", () => {
  const [a, b] = [ones([2, 3]), ones([3, 4])];

  it.each([
    ["ab,bc", [a], /as many operands as the 1 given/],
    ["ab->abb", [a], /each letter of the result once/],
    ["ab->ac", [a], /only letters of the operands/],
    ["abc->a", [a], /2 axes in "abc", as operand 0 has/],
    ["a->a", [a], /2 axes in "a"/],
    ["...b->b", [a], /"\.\.\." in the result too/],
    ["a1->a", [a], /letters/],
    ["ab->a->b", [a], /at most one "->"/],
    ["ab,cb->ac", [a, b], /one size for the axes "b"/],
  ] as const)("refuses %s", (equation, operands, message) => {
    expect(() => matrix.einsum(equation, operands)).toThrow(message);
  });

  it("joins two operands by one matrix product", () => {
    const ops = nodesOf([matrix.einsum("bqd,bkd->bqk", [ones([2, 3, 4]), ones([2, 5, 4])])]).map(({ op }) => op.name);
    expect(ops.filter((name) => name === "matmul")).toHaveLength(1);
    expect(ops).not.toContain("sum");
  });
});
