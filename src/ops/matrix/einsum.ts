import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import type { Dim } from "../../tensor/dim.js";
import { type Shape, symbolicSize } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { mul } from "../elementwise/binary.js";
import { sum } from "../reduce/reduce.js";
import { moveAxis } from "../shape/arrange.js";
import { diagonal } from "../shape/band.js";
import { reshape } from "../shape/reshape.js";
import { transpose } from "../shape/transpose.js";
import { type Equation, parseEquation } from "./einsumEquation.js";
import { matmul } from "./matmul.js";

/** A tensor whose axes have names, each name once. */
interface Named {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/**
 * Einstein's sum: each operand's axes are named by letters, and the product is summed over all
 * letters that the result does not name. `...` stands for further axes, which broadcast. Without
 * `->` the result has the letters that occur once, in alphabetical order.
 *
 * Operands are joined from left to right, two at a time, by one matrix product each.
 *
 * @throws BAD_ARGUMENT when the equation cannot be read
 * @throws SHAPE_MISMATCH when operands do not fit it
 * @shape [B,I,J], [B,J,K] → [B,I,K] for "bij,bjk->bik"
 * @example
 * const scores = ops.einsum("bqd,bkd->bqk", [ops.ones([2, 3, 4]), ops.ones([2, 5, 4])]);
 * console.log(scores.shape); // [2, 3, 5]
 */
export function einsum(equation: string, operands: readonly TensorLike[]): Tensor {
  const tensors = operands.map((x) => toTensor(x));
  const parsed = parseEquation(equation, tensors.map((x) => x.rank));
  const sizes = labelSizes(equation, parsed, tensors);
  const named = tensors.map((x, i) => withoutRepeats(x, parsed.inputs[i]!));
  const result = named.reduce((left, right, i) => {
    const later = new Set([...parsed.output, ...named.slice(i + 1).flatMap(({ labels }) => labels)]);
    return join(left, right, later, sizes);
  });
  return inOrder(sumOut(result, new Set(parsed.output)), parsed.output).x;
}

/** The size of each label; 1 gives way where an operand says more. */
function labelSizes(equation: string, { inputs }: Equation, tensors: readonly Tensor[]): ReadonlyMap<string, Dim> {
  const sizes = new Map<string, Dim>();
  inputs.forEach((labels, i) =>
    labels.forEach((label, axis) => {
      const [dim, known] = [tensors[i]!.shape[axis]!, sizes.get(label)];
      if (known === undefined || known === 1) sizes.set(label, dim);
      else if (dim !== known && dim !== 1) {
        throw shapeError(`einsum "${equation}"`, `one size for the axes "${label}"`, tensors.map((x) => x.shape));
      }
    }),
  );
  return sizes;
}

/** An operand such as "ii" as its diagonal "i". */
function withoutRepeats(x: Tensor, labels: readonly string[]): Named {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { x, labels };
  const first = labels.indexOf(labels[second]!);
  const rest = labels.filter((_, i) => i !== first && i !== second);
  return withoutRepeats(diagonal(moveAxis(x, [first, second], [-2, -1])), [...rest, labels[second]!]);
}

/** Sums over the labels that nobody needs. */
function sumOut({ x, labels }: Named, needed: ReadonlySet<string>): Named {
  const axes = labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));
  if (axes.length === 0) return { x, labels };
  return { x: sum(x, { axes }), labels: labels.filter((label) => needed.has(label)) };
}

/** Two operands as one that has the labels which come later, by a batched matrix product. */
function join(a: Named, b: Named, later: ReadonlySet<string>, sizes: ReadonlyMap<string, Dim>): Named {
  const left = sumOut(a, new Set([...later, ...b.labels]));
  const right = sumOut(b, new Set([...later, ...a.labels]));
  const isFull = ({ x, labels }: Named, label: string): boolean => x.shape[labels.indexOf(label)] === sizes.get(label);
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const inner = shared.filter((label) => !later.has(label));
  const batch = shared.filter((label) => later.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const stretches = shared.some((label) => !isFull(left, label) || !isFull(right, label));
  if (inner.length === 0 || stretches) {
    const labels = [...batch, ...inner, ...rows, ...columns];
    return sumOut({ x: mul(spread(left, labels), spread(right, labels)), labels }, later);
  }
  const dims = (list: readonly string[]): Shape => list.map((label) => sizes.get(label)!);
  const [m, k, n] = [rows, inner, columns].map((list) => symbolicSize(dims(list))) as [Dim, Dim, Dim];
  const x = reshape(inOrder(left, [...batch, ...rows, ...inner]).x, [...dims(batch), m, k]);
  const y = reshape(inOrder(right, [...batch, ...inner, ...columns]).x, [...dims(batch), k, n]);
  const labels = [...batch, ...rows, ...columns];
  const z = reshape(matmul(x, y), [...dims(batch), ...outerDims(left, rows), ...outerDims(right, columns)]);
  return { x: z, labels };
}

/** Sizes as the operand has them, which may be 1 where a later operand says more. */
function outerDims({ x, labels }: Named, list: readonly string[]): Shape {
  return list.map((label) => x.shape[labels.indexOf(label)]!);
}

function inOrder({ x, labels }: Named, order: readonly string[]): Named {
  return { x: transpose(x, order.map((label) => labels.indexOf(label))), labels: order };
}

/** An operand with axes of size 1 for the labels that it does not have, so that it broadcasts. */
function spread(operand: Named, labels: readonly string[]): Tensor {
  const own = inOrder(operand, labels.filter((label) => operand.labels.includes(label)));
  let axis = 0;
  return reshape(own.x, labels.map((label) => (operand.labels.includes(label) ? own.x.shape[axis++]! : 1)));
}
