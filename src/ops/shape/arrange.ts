import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { concreteDim } from "../../tensor/dim.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { concat } from "./concat.js";
import { sliceAlong } from "./slice.js";
import { transpose } from "./transpose.js";

/**
 * x with an axis, or several in order, moved to other places; the others keep their order. @shape [A,B,C] → [B,C,A] for 0 to −1
 * @example
 * console.log(await ops.moveAxis([[[1, 2]]], 2, 0).toArray()); // [[[1]], [[2]]]
 */
export function moveAxis(x: TensorLike, from: number | readonly number[], to: number | readonly number[]): Tensor {
  const value = toTensor(x);
  const places = (axes: number | readonly number[]): number[] =>
    (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis(axis, value.rank, "moveAxis"));
  const [sources, targets] = [places(from), places(to)];
  if (sources.length !== targets.length || new Set(targets).size !== targets.length) {
    throw shapeError("moveAxis", "a place of its own for each axis", [sources, targets]);
  }
  const rest = value.shape.map((_, i) => i).filter((axis) => !sources.includes(axis));
  return transpose(value, value.shape.map((_, i) => (targets.includes(i) ? sources[targets.indexOf(i)]! : rest.shift()!)));
}

/**
 * x with two axes swapped. @shape [A,B,C] → [C,B,A] for 0 and 2
 * @example
 * console.log(await ops.swapAxes([[1, 2], [3, 4]], 0, 1).toArray()); // [[1, 3], [2, 4]]
 */
export function swapAxes(x: TensorLike, a: number, b: number): Tensor {
  const value = toTensor(x);
  const [first, second] = [normalizeAxis(a, value.rank, "swapAxes"), normalizeAxis(b, value.rank, "swapAxes")];
  return transpose(value, value.shape.map((_, i) => (i === first ? second : i === second ? first : i)));
}

/**
 * x with elements moved `shift` places on along an axis; those that leave come in again in front. @shape [...] → [...]
 * @example
 * console.log(await ops.roll([1, 2, 3], 1).toArray()); // [3, 1, 2]
 */
export function roll(x: TensorLike, shift: number, axis = 0): Tensor {
  const value = toTensor(x);
  const at = normalizeAxis(axis, value.rank, "roll");
  const size = concreteDim(value.shape[at]!, "roll");
  const cut = size === 0 ? 0 : size - (((shift % size) + size) % size);
  return cut === size || cut === 0 ? value : concat([sliceAlong(value, at, cut, size), sliceAlong(value, at, 0, cut)], at);
}
