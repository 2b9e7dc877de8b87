import { readFixtures } from "../../testing/fixtures.js";
import { opTests } from "../../testing/opTest.js";
import { reshape } from "../shape/reshape.js";
import * as indexing from "./index.js";

const fixtures = readFixtures(new URL("./indexing.fixtures.json", import.meta.url));

opTests(indexing, fixtures, {
  argMax: [{ name: "ties, last axis", freeBatch: true }, { name: "first axis", call: (x) => indexing.argMax(x, 0) }],
  argMin: [{ name: "ties, last axis", freeBatch: true }, { name: "first axis", call: (x) => indexing.argMin(x, 0) }],
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
  takeAlong: [
    { name: "last axis", freeBatch: true },
    { name: "first axis", call: (x, i) => indexing.takeAlong(x, i, 0) },
  ],
});
