import type { Tensor } from "../../tensor/tensor.js";
import { readFixtures } from "../../testing/fixtures.js";
import { type OpCase, opTests } from "../../testing/opTest.js";
import * as shape from "./index.js";

const fixtures = readFixtures(new URL("./shape.fixtures.json", import.meta.url));

function bands(op: (x: Tensor, k?: number) => Tensor): [OpCase, ...OpCase[]] {
  return [
    { name: "wide", freeBatch: true },
    { name: "tall, above", call: (x) => op(x, 1) },
    { name: "tall, below", call: (x) => op(x, -2) },
  ];
}

opTests(shape, fixtures, {
  arange: [{ name: "int32", call: () => shape.arange(5) }],
  bandMask: [
    { name: "from −1 to 2", call: () => shape.bandMask(4, 5, { from: -1, to: 2 }) },
    { name: "everything", call: () => shape.bandMask(2, 3) },
  ],
  broadcastTo: [
    { name: "new axis and stretch", call: (x) => shape.broadcastTo(x, [2, 3, 4]) },
    { name: "scalar", call: (x) => shape.broadcastTo(x, [2, 2]) },
    { name: "no elements", call: (x) => shape.broadcastTo(x, [0, 3]) },
  ],
  concat: [
    { name: "axis 1", call: (x, y) => shape.concat([x, y], 1), freeBatch: true },
    { name: "an empty part", call: (x, y) => shape.concat([x, y]) },
  ],
  diag: [
    { name: "batch", freeBatch: true },
    { name: "above", call: (x) => shape.diag(x, 1) },
    { name: "below", call: (x) => shape.diag(x, -2) },
    { name: "no elements" },
  ],
  diagonal: [...bands(shape.diagonal), { name: "outside", call: (x) => shape.diagonal(x, 3) }],
  dilate: [{ name: "by three", call: (x) => shape.dilate(x, 1, 3), freeBatch: true }],
  expandDims: [{ name: "middle", call: (x) => shape.expandDims(x, 1), freeBatch: true }],
  eye: [
    { name: "square", call: () => shape.eye(3) },
    { name: "wide, above, int32", call: () => shape.eye(2, 4, 1, "int32") },
  ],
  flip: [
    { name: "both axes", call: (x) => shape.flip(x, [0, 1]) },
    { name: "one axis", call: (x) => shape.flip(x, 1), freeBatch: true },
  ],
  full: [{ name: "int32", call: () => shape.full([2, 2], -3, "int32") }],
  linspace: [
    { name: "with its end", call: () => shape.linspace(-1, 2, 7) },
    { name: "without", call: () => shape.linspace(0, 1, 4, { endpoint: false }) },
    { name: "one", call: () => shape.linspace(3, 5, 1) },
  ],
  matrixTranspose: [{ name: "batch", freeBatch: true }],
  meshgrid: [
    { name: "xy", call: (x, y) => shape.meshgrid([x, y]) },
    { name: "ij of three", call: (x, y, z) => shape.meshgrid([x, y, z], "ij") },
  ],
  moveAxis: [
    { name: "first to last", call: (x) => shape.moveAxis(x, 0, -1), freeBatch: true },
    { name: "two of four", call: (x) => shape.moveAxis(x, [3, 1], [0, 1]), freeBatch: true },
  ],
  ones: [{ name: "scalar", call: () => shape.ones([]) }],
  onesLike: [{ name: "int32", freeBatch: true }],
  pad: [
    { name: "zeros", call: (x) => shape.pad(x, [[0, 1], [1, 2]]) },
    { name: "a value", call: (x) => shape.pad(x, [[0, 1]], -Infinity), freeBatch: true },
    { name: "around nothing", call: (x) => shape.pad(x, [[1, 1], [0, 0]]) },
  ],
  repeat: [
    // ONNX Runtime's Resize is float32 only; other dtypes take another way, which differences measure too.
    { name: "first axis", call: (x) => shape.repeat(x, 3), freeBatch: true },
    { name: "image", call: (x) => shape.repeat(x, [2, 3], [2, 3]), freeBatch: true },
    { name: "image, channels last", call: (x) => shape.repeat(x, 2, [1, 2]), freeBatch: true, differences: "float32" },
    { name: "int32", call: (x) => shape.repeat(x, 2), freeBatch: true },
    { name: "no elements", call: (x) => shape.repeat(x, 2, 1) },
  ],
  reshape: [
    { name: "one dimension left over", call: (x) => shape.reshape(x, [-1, 2]), freeBatch: true },
    { name: "no elements", call: (x) => shape.reshape(x, [3, 0]) },
  ],
  roll: [
    { name: "by one", call: (x) => shape.roll(x, 1) },
    { name: "back, more than around", call: (x) => shape.roll(x, -5, 1), freeBatch: true },
    { name: "no elements", call: (x) => shape.roll(x, 1) },
  ],
  slice: [
    { name: "every second", call: (x) => shape.slice(x, [1, 0], [3, 5], [1, 2]) },
    { name: "a step that leaves over", call: (x) => shape.slice(x, [1], [6], [3]) },
    { name: "from the back", call: (x) => shape.slice(x, [0, -3], [x.shape[0]!, -1]), freeBatch: true },
    { name: "backwards by two", call: (x) => shape.slice(x, [4], [-7], [-2]) },
    { name: "to nothing", call: (x) => shape.slice(x, [2, 0], [2, 2]) },
  ],
  sliceAlong: [{ name: "middle axis", call: (x) => shape.sliceAlong(x, 1, 1, 3), freeBatch: true }],
  split: [
    { name: "equal parts", call: (x) => shape.split(x, 2, 1), freeBatch: true },
    { name: "given sizes", call: (x) => shape.split(x, [1, 0, 3]) },
  ],
  squeeze: [
    { name: "last", call: (x) => shape.squeeze(x, -1), freeBatch: true },
    { name: "all" },
    { name: "two of three", call: (x) => shape.squeeze(x, [0, -1]) },
  ],
  stack: [{ name: "last axis", call: (x, y) => shape.stack([x, y], -1), freeBatch: true }],
  swapAxes: [{ name: "outer", call: (x) => shape.swapAxes(x, 0, -1), freeBatch: true }],
  tile: [
    { name: "both axes", call: (x) => shape.tile(x, [2, 3]), freeBatch: true },
    { name: "a new axis", call: (x) => shape.tile(x, [2, 1]) },
    { name: "last axis only, int32", call: (x) => shape.tile(x, [2]), freeBatch: true },
  ],
  transpose: [
    { name: "three axes", call: (x) => shape.transpose(x, [2, 0, 1]), freeBatch: true },
    { name: "reversed" },
  ],
  tril: [...bands(shape.tril), { name: "infinity above" }],
  triu: bands(shape.triu),
  unstack: [{ name: "axis 1", call: (x) => shape.unstack(x, 1), freeBatch: true }],
  zeros: [{ name: "no elements", call: () => shape.zeros([0, 2]) }],
  zerosLike: [{ name: "float32", freeBatch: true }],
});
