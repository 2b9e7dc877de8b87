import { type Graph, graphOf, placeholder } from "../../graph/graph.js";
import type { Node } from "../../graph/node.js";
import { withInputs } from "../../graph/rewrite.js";
import { add, mul } from "../../ops/elementwise/binary.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { conv, convInputGrad, convKernelGrad } from "../../ops/nn/conv.js";
import { concat } from "../../ops/shape/concat.js";
import { reshape } from "../../ops/shape/reshape.js";
import { tensor } from "../../tensor/convert.js";
import { type Shape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";
import { type Part, Sharer } from "./sharer.js";

/**
 * The switch of {@link shareRows}: engines with several threads apply it first, to the training step of a batch. Two
 * threads on a half each wait for one another once; within every op of the whole they would wait hundreds of times.
 */
export const halvesRule: Rule = { name: "halves", rewrite: () => undefined };

/** More parts would make more partial gradients, which have to be added. */
const PARTS = 2;

/** What is worth sharing out: below, two runs and the sums of their gradients cost more than they gain. */
export interface Worth {
  /** Multiplications that can be shared; ten million take about a millisecond. */
  readonly least: number;
  /** How many times as much work that must be as what needs all rows. */
  readonly times: number;
}

const WORTH: Worth = { least: 1e7, times: 100 };

/** A program for each part of a batch, and one for what needs all of them. */
export interface SharedGraph {
  readonly parts: number;
  /** What each part runs. */
  readonly part: Graph;
  /** An input beside those of the whole: the number of each part. */
  readonly numbers: Tensor;
  /** For each of its inputs, the position among those of the whole, and whether a part gets its rows only. */
  readonly partInputs: readonly { readonly at: number; readonly rows: boolean }[];
  /** What runs after: its inputs are some of those of the whole, then the outputs of each part. */
  readonly rest: Graph;
  /** Positions of the former among the inputs of the whole. */
  readonly restInputs: readonly number[];
}

/** Shares a graph's work out among equal parts of the rows of some inputs; undefined where little of it can be. */
export function shareRows(graph: Graph, rows: readonly Tensor[], { least, times }: Worth = WORTH): SharedGraph | undefined {
  const count = rows[0]?.shape[0];
  if (typeof count !== "number" || count === 0 || count % PARTS !== 0 || rows.some(({ shape }) => shape[0] !== count)) return undefined;
  const fewer = new Map(rows.map((input) => [input, placeholder([count / PARTS, ...input.shape.slice(1)], input.dtype, input.name ?? "rows")]));
  const number = placeholder([1], "uint32", "part number");
  const sharer = new Sharer(PARTS, fewer, number);
  let shared = 0;
  let whole = 0;
  const needed = new Set<Tensor>(graph.outputs);
  for (const node of graph.nodes) {
    const how = sharer.visit(node);
    if (how === "shared") shared += workOf(node);
    else if (how === "whole") {
      whole += workOf(node);
      for (const input of node.inputs) needed.add(input);
    }
  }
  const crossing = [...needed].flatMap((tensor) => {
    const part = sharer.partOf(tensor);
    return part === undefined || fewer.has(tensor) ? [] : [{ tensor, part }];
  });
  whole += crossing.reduce((sum, { tensor, part }) => sum + (typeof part.share === "number" ? sizeOf(tensor.shape, "halves") : 0), 0);
  if (crossing.length === 0 || shared < least || shared < times * whole) return undefined;
  const numbers = tensor(Uint32Array.from({ length: PARTS }, (_, i) => i));
  return sharedGraph({ ...graph, inputs: [...graph.inputs, numbers] }, new Map([...fewer, [numbers, number]]), crossing, numbers);
}

/** A value that the rest needs, and what a part has of it. */
interface Crossing {
  readonly tensor: Tensor;
  readonly part: Part;
}

function sharedGraph(graph: Graph, fewer: ReadonlyMap<Tensor, Tensor>, crossing: readonly Crossing[], numbers: Tensor): SharedGraph {
  const part = graphOf(graph.inputs.map((input) => fewer.get(input) ?? input), crossing.map(({ part: { tensor } }) => tensor));
  const partInputs = usedInputs(part);
  const results = Array.from({ length: PARTS }, () => crossing.map(({ part: { tensor } }) => placeholder(tensor.shape, tensor.dtype, "part")));
  const joined = new Map(crossing.map(({ tensor, part: own }, i) => [tensor, joinParts(results.map((each) => each[i]!), own, tensor.shape)]));
  const rest = withInputs(graph, [...graph.inputs, ...results.flat()], joined);
  const restInputs = usedInputs(rest).filter((at) => at < graph.inputs.length);
  return {
    parts: PARTS,
    numbers,
    part: { ...part, inputs: partInputs.map((at) => part.inputs[at]!) },
    partInputs: partInputs.map((at) => ({ at, rows: fewer.has(graph.inputs[at]!) })),
    rest: { ...rest, inputs: [...restInputs.map((at) => rest.inputs[at]!), ...results.flat()] },
    restInputs,
  };
}

function joinParts(parts: readonly Tensor[], { share, groups }: Part, shape: Shape): Tensor {
  if (typeof share === "number") {
    const apart = parts.map((part) => reshape(part, [...part.shape.slice(0, share), groups, -1, ...part.shape.slice(share + 1)]));
    return reshape(concat(apart, share + 1), shape);
  }
  const total = parts.reduce((a, b) => add(a, b));
  return share === "sum" ? total : mul(total, 1 / parts.length);
}

/** Positions of the inputs that a graph reads or gives out. */
function usedInputs({ inputs, nodes, outputs }: Graph): number[] {
  const used = new Set([...nodes.flatMap((node) => node.inputs), ...outputs]);
  return inputs.flatMap((input, i) => (used.has(input) ? [i] : []));
}

/** How much there is to do for a node: about as many multiplications. */
function workOf({ op, inputs: [x, y], outputs }: Node): number {
  const sizes = outputs.reduce((sum, { shape }) => sum + sizeOf(shape, "halves"), 0);
  if (op === matmul) return sizes * (x!.shape.at(-1) as number);
  if (op === conv || op === convInputGrad) return sizeOf(op === conv ? outputs[0]!.shape : x!.shape, "halves") * (sizeOf(y!.shape, "halves") / (y!.shape[0] as number));
  if (op === convKernelGrad) return sizeOf(y!.shape, "halves") * (sizes / (y!.shape[1] as number));
  return sizes;
}
