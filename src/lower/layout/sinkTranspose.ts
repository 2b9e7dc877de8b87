import { Node, nodeOf } from "../../graph/node.js";
import type { Op } from "../../graph/op.js";
import { max, mean, min, sum } from "../../ops/reduce/reduce.js";
import { reshape } from "../../ops/shape/reshape.js";
import { transpose } from "../../ops/shape/transpose.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";

type Permutation = readonly number[];

const REDUCTIONS: readonly Op[] = [sum, mean, max, min];

/**
 * Moves transposes towards the outputs: past elementwise ops and into reductions, until two meet
 * and cancel. A channels-last network of channels-first convolutions then stays channels first
 * from its first convolution to its last.
 */
export const sinkTranspose: Rule = {
  name: "sinkTranspose",
  rewrite: (node) => {
    if (node.op === transpose) return mergeTransposes(node);
    if (REDUCTIONS.includes(node.op)) return sinkIntoReduction(node);
    return node.op.elementwise === true ? sinkPastElementwise(node) : undefined;
  },
};

/** The permutation that made a tensor, where a transpose did. */
function permutationOf(tensor: Tensor): Permutation | undefined {
  const node = nodeOf(tensor);
  return node?.op === transpose ? (node.attrs["permutation"] as Permutation) : undefined;
}

function inverse(permutation: Permutation): Permutation {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

function mergeTransposes(node: Node): readonly Tensor[] | undefined {
  const inner = permutationOf(node.inputs[0]!);
  if (inner === undefined) return undefined;
  const outer = node.attrs["permutation"] as Permutation;
  const source = nodeOf(node.inputs[0]!)!.inputs[0]!;
  return [transpose(source, outer.map((axis) => inner[axis]!))];
}

function sinkIntoReduction(node: Node): readonly Tensor[] | undefined {
  const [input] = node.inputs;
  const permutation = permutationOf(input!);
  if (permutation === undefined) return undefined;
  const { axes, keepDims } = node.attrs as { axes: readonly number[]; keepDims: boolean };
  const source = nodeOf(input!)!.inputs[0]!;
  const inner = axes.map((axis) => permutation[axis]!).sort((a, b) => a - b);
  const reduced = new Node(node.op, [source], { axes: inner, keepDims }).outputs[0]!;
  if (keepDims) return [transpose(reduced, permutation)];
  // The axes that stay, in both orders, counted among themselves.
  const kept = permutation.filter((axis) => !inner.includes(axis));
  const places = kept.map((axis) => kept.filter((other) => other < axis).length);
  return [transpose(reduced, places)];
}

function sinkPastElementwise(node: Node): readonly Tensor[] | undefined {
  const [output] = node.outputs;
  const permutation = node.inputs
    .filter((input) => input.rank === output!.rank)
    .map(permutationOf)
    .find((found) => found !== undefined);
  if (permutation === undefined) return undefined;
  const moved = node.inputs.map((input) => beforeTranspose(input, permutation, output!));
  if (moved.includes(undefined)) return undefined;
  const inner = new Node(node.op, moved as Tensor[], node.attrs).outputs[0]!;
  return [transpose(inner, permutation)];
}

/** An operand as it was before the transpose; undefined where that would move as much as it saves. */
function beforeTranspose(operand: Tensor, permutation: Permutation, output: Tensor): Tensor | undefined {
  if (operand.rank === 0) return operand;
  const own = permutationOf(operand);
  if (own !== undefined && own.length === permutation.length && own.every((axis, i) => axis === permutation[i])) {
    return nodeOf(operand)!.inputs[0]!;
  }
  // Missing leading axes are 1; an operand with one axis that counts is moved by a reshape.
  const full = [...Array.from({ length: output.rank - operand.rank }, () => 1), ...operand.shape];
  if (full.filter((dim) => dim !== 1).length > 1) return undefined;
  return reshape(operand, inverse(permutation).map((axis) => full[axis]!));
}
