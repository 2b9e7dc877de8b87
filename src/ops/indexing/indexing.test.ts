import type { Tensor } from "../../tensor/tensor.js";
import { readFixtures } from "../../testing/fixtures.js";
import { type OpCase, opTests } from "../../testing/opTest.js";
import { reshape } from "../shape/reshape.js";
import * as indexing from "./index.js";

const fixtures = readFixtures(new URL("./indexing.fixtures.json", import.meta.url));

function orders(op: (x: Tensor, options?: indexing.SortOptions) => Tensor): [OpCase, ...OpCase[]] {
  return [
    { name: "rising", freeBatch: true },
    { name: "falling, first axis", call: (x) => op(x, { axis: 0, descending: true }) },
    { name: "ties" },
    { name: "no elements" },
  ];
}

opTests(indexing, fixtures, {
  argMax: [{ name: "ties, last axis", freeBatch: true }, { name: "first axis", call: (x) => indexing.argMax(x, 0) }],
  argMin: [{ name: "ties, last axis", freeBatch: true }, { name: "first axis", call: (x) => indexing.argMin(x, 0) }],
  argSort: orders(indexing.argSort),
  gather: [
    { name: "rows, one twice" },
    {
      name: "matrix of indices, middle axis",
      call: (x, i) => indexing.gather(x, reshape(i, [2, 2]), 1),
    },
    { name: "one scalar index" },
    { name: "no index" },
    { name: "int64 indices of int32" },
  ],
  gatherND: [
    { name: "elements, one twice", freeBatch: [1] },
    { name: "slices", freeBatch: [1] },
    { name: "one position, int64" },
    { name: "no position" },
  ],
  oneHot: [
    { name: "matrix, one outside", call: (i) => indexing.oneHot(i, 3), freeBatch: true },
    { name: "int64 scalar", call: (i) => indexing.oneHot(i, 4) },
  ],
  putAlong: [
    { name: "last axis, one twice", call: (u, i) => indexing.putAlong(u, i, 4), freeBatch: true },
    { name: "first axis", call: (u, i) => indexing.putAlong(u, i, 3, 0) },
  ],
  scatterAdd: [
    { name: "rows, one twice", call: (u, i) => indexing.scatterAdd(u, i, 3), freeBatch: true },
    { name: "last axis", call: (u, i) => indexing.scatterAdd(u, i, 5, 1) },
    { name: "matrix of indices", call: (u, i) => indexing.scatterAdd(u, i, 3), freeBatch: true },
    { name: "nothing", call: (u, i) => indexing.scatterAdd(u, i, 3) },
  ],
  scatterND: [
    { name: "elements, one twice", call: (u, i) => indexing.scatterND(u, i, [3, 4]), freeBatch: true },
    { name: "slices", call: (u, i) => indexing.scatterND(u, i, [4, 3]), freeBatch: true },
    { name: "nothing", call: (u, i) => indexing.scatterND(u, i, [2, 2]) },
  ],
  sort: orders(indexing.sort),
  takeAlong: [
    { name: "last axis", freeBatch: true },
    { name: "first axis", call: (x, i) => indexing.takeAlong(x, i, 0) },
  ],
  topK: [
    { name: "two of four", call: (x) => indexing.topK(x, 2)[0], freeBatch: true },
    { name: "smallest, first axis", call: (x) => indexing.topK(x, 2, { axis: 0, largest: false })[0] },
    { name: "indices", call: (x) => indexing.topK(x, 2), freeBatch: true },
    { name: "ties", call: (x) => indexing.topK(x, 4) },
    { name: "none", call: (x) => indexing.topK(x, 0) },
    { name: "int32", call: (x) => indexing.topK(x, 2) },
  ],
});
