import { add, mul, sub } from "../ops/elementwise/binary.js";
import { greaterEqual, less, logicalAnd } from "../ops/elementwise/compare.js";
import { constant } from "../ops/elementwise/literal.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Draws } from "./draws.js";

/** A rectangle in each image, at a place of its own: true for its pixels. bool [B,H,W,1] */
export function patchOf(draws: Draws, images: Shape, shares: { readonly height: Tensor; readonly width: Tensor }): Tensor {
  const [height, width] = images.slice(1, 3) as [number, number];
  const line = (n: number, shape: readonly number[]): Tensor => constant(Float32Array.from({ length: n }, (_, i) => i), shape, "float32");
  const span = (places: Tensor, share: Tensor, size: number): Tensor => {
    const length = mul(share, size);
    const start = mul(draws.uniform([0, 1]), sub(size, length));
    return logicalAnd(greaterEqual(places, start), less(places, add(start, length)));
  };
  return logicalAnd(
    span(line(width, [1, 1, width, 1]), shares.width, width),
    span(line(height, [1, height, 1, 1]), shares.height, height),
  );
}
