import { readFixtures } from "../../testing/fixtures.js";
import { opTests } from "../../testing/opTest.js";
import * as shape from "./index.js";

const fixtures = readFixtures(new URL("./shape.fixtures.json", import.meta.url));

opTests(shape, fixtures, {
  arange: [{ name: "int32", call: () => shape.arange(5) }],
  broadcastTo: [
    { name: "new axis and stretch", call: (x) => shape.broadcastTo(x, [2, 3, 4]) },
    { name: "scalar", call: (x) => shape.broadcastTo(x, [2, 2]) },
    { name: "no elements", call: (x) => shape.broadcastTo(x, [0, 3]) },
  ],
  concat: [
    { name: "axis 1", call: (x, y) => shape.concat([x, y], 1), freeBatch: true },
    { name: "an empty part", call: (x, y) => shape.concat([x, y]) },
  ],
  dilate: [{ name: "by three", call: (x) => shape.dilate(x, 1, 3), freeBatch: true }],
  expandDims: [{ name: "middle", call: (x) => shape.expandDims(x, 1), freeBatch: true }],
  flip: [
    { name: "both axes", call: (x) => shape.flip(x, [0, 1]) },
    { name: "one axis", call: (x) => shape.flip(x, 1), freeBatch: true },
  ],
  full: [{ name: "int32", call: () => shape.full([2, 2], -3, "int32") }],
  matrixTranspose: [{ name: "batch", freeBatch: true }],
  ones: [{ name: "scalar", call: () => shape.ones([]) }],
  onesLike: [{ name: "int32", freeBatch: true }],
  pad: [
    { name: "zeros", call: (x) => shape.pad(x, [[0, 1], [1, 2]]) },
    { name: "a value", call: (x) => shape.pad(x, [[0, 1]], -Infinity), freeBatch: true },
    { name: "around nothing", call: (x) => shape.pad(x, [[1, 1], [0, 0]]) },
  ],
  reshape: [
    { name: "one dimension left over", call: (x) => shape.reshape(x, [-1, 2]), freeBatch: true },
    { name: "no elements", call: (x) => shape.reshape(x, [3, 0]) },
  ],
  slice: [
    { name: "every second", call: (x) => shape.slice(x, [1, 0], [3, 5], [1, 2]) },
    { name: "a step that leaves over", call: (x) => shape.slice(x, [1], [6], [3]) },
    { name: "from the back", call: (x) => shape.slice(x, [0, -3], [x.shape[0]!, -1]), freeBatch: true },
    { name: "backwards by two", call: (x) => shape.slice(x, [4], [-7], [-2]) },
    { name: "to nothing", call: (x) => shape.slice(x, [2, 0], [2, 2]) },
  ],
  split: [
    { name: "equal parts", call: (x) => shape.split(x, 2, 1), freeBatch: true },
    { name: "given sizes", call: (x) => shape.split(x, [1, 0, 3]) },
  ],
  squeeze: [{ name: "last", call: (x) => shape.squeeze(x, -1), freeBatch: true }],
  stack: [{ name: "last axis", call: (x, y) => shape.stack([x, y], -1), freeBatch: true }],
  transpose: [
    { name: "three axes", call: (x) => shape.transpose(x, [2, 0, 1]), freeBatch: true },
    { name: "reversed" },
  ],
  unstack: [{ name: "axis 1", call: (x) => shape.unstack(x, 1), freeBatch: true }],
  zeros: [{ name: "no elements", call: () => shape.zeros([0, 2]) }],
  zerosLike: [{ name: "float32", freeBatch: true }],
});
