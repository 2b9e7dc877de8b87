import type { Dim } from "../../tensor/dim.js";
import { rowMajorStrides } from "../../tensor/shape.js";

/** Known elements with their shape: what shape arithmetic works on. */
export interface Elements {
  readonly items: readonly Dim[];
  readonly shape: readonly number[];
}

export function sizeOfNumbers(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** The places of all elements of a shape, in row-major order. */
export function* places(shape: readonly number[]): Generator<readonly number[]> {
  const place = shape.map(() => 0);
  for (let left = sizeOfNumbers(shape); left > 0; left--) {
    yield place;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++place[axis]! < shape[axis]!) break;
      place[axis] = 0;
    }
  }
}

/** New elements of `shape`, each taken from the place of `x` that `from` names. */
export function pick(x: Elements, shape: readonly number[], from: (place: readonly number[]) => readonly number[]): Elements {
  const strides = rowMajorStrides(x.shape);
  const items: Dim[] = [];
  for (const place of places(shape)) {
    const source = from(place);
    items.push(x.items[source.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)]!);
  }
  return { items, shape };
}

/** x stretched to a shape that it broadcasts to. */
export function stretch(x: Elements, shape: readonly number[]): Elements {
  if (x.shape.join() === shape.join()) return x;
  const skip = shape.length - x.shape.length;
  return pick(x, shape, (place) => x.shape.map((dim, axis) => (dim === 1 ? 0 : place[axis + skip]!)));
}

export function concatElements(parts: readonly Elements[], axis: number): Elements {
  const shape = [...parts[0]!.shape];
  shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  const inner = sizeOfNumbers(shape.slice(axis + 1));
  const items: Dim[] = [];
  for (let row = 0; row < sizeOfNumbers(shape.slice(0, axis)); row++) {
    for (const part of parts) {
      const length = part.shape[axis]! * inner;
      for (let i = 0; i < length; i++) items.push(part.items[row * length + i]!);
    }
  }
  return { items, shape };
}
