import { NacreError } from "../error.js";
import { type Dim, concreteDim, mulDims } from "./dim.js";

/** The dimensions of a tensor, outermost first. */
export type Shape = readonly Dim[];

/** `[2, 3]` or `[batch, 3]`, for people. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The number of elements of a shape without free dimensions. */
export function sizeOf(shape: Shape, where = "shape"): number {
  return concreteShape(shape, where).reduce((product, dim) => product * dim, 1);
}

/** The number of elements, free dimensions included. */
export function symbolicSize(shape: Shape): Dim {
  return shape.reduce<Dim>(mulDims, 1);
}

/** Whether no dimension is free. */
export function isConcrete(shape: Shape): shape is readonly number[] {
  return shape.every((dim) => typeof dim === "number");
}

/** The shape as numbers, or an error where a dimension is free. */
export function concreteShape(shape: Shape, where: string): number[] {
  return shape.map((dim) => concreteDim(dim, where));
}

/** Strides in elements of a row-major array of this shape. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i]!;
  }
  return strides;
}

/**
 * The shape that two operands broadcast to, by NumPy's rule: aligned at the last axis,
 * a dimension of 1 stretches.
 *
 * @throws SHAPE_MISMATCH when two dimensions differ and neither is 1
 */
export function broadcastShapes(a: Shape, b: Shape, where: string): Shape {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new NacreError({
        code: "SHAPE_MISMATCH",
        where,
        expected: "shapes that broadcast together",
        received: `${formatShape(a)} and ${formatShape(b)}`,
        fix: `make axis ${i - rank} equal on both sides, or 1 on one of them`,
      });
    }
    out.push(x === 1 ? y : x);
  }
  return out;
}

/** `axis` counted from the front; negative ones count from the back. */
export function normalizeAxis(axis: number, rank: number, where: string): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new NacreError({
      code: "SHAPE_MISMATCH",
      where,
      expected: `an axis from ${-rank} to ${rank - 1}`,
      received: String(axis),
      fix: `the tensor has ${rank} axes`,
    });
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes counted from the front, sorted, each once; all of them when `axes` is undefined. */
export function normalizeAxes(
  axes: number | readonly number[] | undefined,
  rank: number,
  where: string,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = typeof axes === "number" ? [axes] : axes;
  const normal = list.map((axis) => normalizeAxis(axis, rank, where));
  return [...new Set(normal)].sort((a, b) => a - b);
}
