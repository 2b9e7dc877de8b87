import { convInputGrad } from "../../../ops/nn/conv.js";
import * as ops from "../../../ops/index.js";
import { isFloat } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";
import { windowOf } from "./convolution.js";

/** Places from -1 to 1 as places among `size` elements. */
function located(place: Tensor, size: number, corners: boolean): Tensor {
  return corners ? ops.mul(ops.add(place, 1), (size - 1) / 2) : ops.sub(ops.mul(ops.add(place, 1), size / 2), 0.5);
}

/**
 * Images read at the places of a grid, between four neighbours. Only training needs this form:
 * else the node itself is faster.
 */
function gridSample(call: Call): Outputs {
  const [x, grid] = [call.tensor(0), call.tensor(1)];
  const mode = call.string("mode", "linear");
  const edges = call.string("padding_mode", "zeros");
  const [n, channels, height, width] = x.shape;
  const [, rows, columns] = grid.shape;
  const sizes = [n, channels, height, width, rows, columns];
  const known = x.rank === 4 && sizes.every((size) => typeof size === "number");
  if (!call.run.training || !known || !["linear", "bilinear"].includes(mode) || edges === "reflection") return undefined;
  const corners = call.flag("align_corners");
  const [across, down] = ops.split(grid, 2, -1).map((axis) => ops.squeeze(axis, -1)) as unknown as readonly [Tensor, Tensor]; // [N,rows,columns]
  const bounded = (at: Tensor, size: number): Tensor => (edges === "border" ? ops.clip(at, 0, size - 1) : at);
  const column = bounded(located(across, width as number, corners), width as number);
  const row = bounded(located(down, height as number, corners), height as number);
  const flat = ops.reshape(x, [n!, channels!, -1]);
  const neighbour = (dy: number, dx: number): Tensor => {
    const [top, left] = [ops.add(ops.floor(row), dy), ops.add(ops.floor(column), dx)];
    const share = (at: Tensor, low: Tensor): Tensor => ops.sub(1, ops.abs(ops.sub(at, ops.stopGradient(low))));
    const [y, z] = [ops.clip(top, 0, (height as number) - 1), ops.clip(left, 0, (width as number) - 1)];
    const inside = ops.cast(ops.logicalAnd(ops.equal(y, top), ops.equal(z, left)), x.dtype);
    const weight = ops.mul(ops.mul(share(row, top), share(column, left)), inside);
    const index = ops.cast(ops.add(ops.mul(y, width as number), z), "int32");
    const places = ops.broadcastTo(ops.reshape(index, [n!, 1, -1]), [n!, channels!, (rows as number) * (columns as number)]);
    return ops.mul(ops.reshape(ops.takeAlong(flat, places, 2), [n!, channels!, rows!, columns!]), ops.expandDims(weight, 1));
  };
  return ops.add(ops.add(neighbour(0, 0), neighbour(0, 1)), ops.add(neighbour(1, 0), neighbour(1, 1)));
}

/** Columns of blocks summed where they lie in the image: the adjoint of a convolution that copies. [N,C·taps,L] */
function col2Im(call: Call): Outputs {
  const x = call.tensor(0);
  const [image, kernel] = [call.numbers(1), call.numbers(2)];
  const { strides, dilations, padding } = windowOf(call, image, kernel);
  const [n, columns] = x.shape;
  const taps = kernel.reduce((a, b) => a * b, 1);
  const places = image.map((size, i) => Math.floor((size + padding[i]![0] + padding[i]![1] - (kernel[i]! - 1) * dilations[i]! - 1) / strides[i]!) + 1);
  if (!isFloat(x.dtype) || typeof columns !== "number" || columns % taps !== 0 || columns * taps > MAX_KERNEL) return undefined;
  const groups = columns / taps;
  const copies = ops.reshape(ops.tile(ops.eye(taps), [groups, 1]), [columns, 1, ...kernel]);
  return convInputGrad(ops.reshape(x, [n!, columns, ...places]), copies, { strides, dilations, padding, groups, inputShape: image });
}

/** Elements of a kernel that copies: beyond, the node itself stays. */
const MAX_KERNEL = 2 ** 20;

export const sampling: Readonly<Record<string, Rule>> = { Col2Im: col2Im, GridSample: gridSample };
