import { type Graph, graphOf } from "../../graph/graph.js";
import { type Node, nodeOf } from "../../graph/node.js";
import { constant } from "../../ops/elementwise/literal.js";
import type { DType } from "../../tensor/dtype.js";
import { concreteShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";
import type { Kernel, KernelStep } from "./kernel.js";
import { type Scattered, scatterInputs, widthOf } from "./scattered.js";
import { type View, withViews } from "./views.js";

/**
 * The switch of {@link splitTail}: engines that have kernels apply it last, where a graph becomes a
 * program. ONNX Runtime passes over memory once for each op of an optimizer's update; a kernel once for all.
 */
export const tailRule: Rule = { name: "tail", rewrite: () => undefined };

/** Smaller arrays are not worth a kernel. */
const FEWEST_ELEMENTS = 256;

/** One pass of few steps is as fast in ONNX Runtime, which has several threads. */
const FEWEST_STEPS = 3;

/** The memory in which kernels work is limited; larger programs leave all to ONNX Runtime. */
const MOST_BYTES = 2 ** 30;

/** Where an operand lies: among the inputs of the program, the arrays that the model fills, which runs first, or those that rows are added to. */
export interface Operand {
  readonly from: "input" | "model" | "scattered";
  readonly at: number;
}

/** What a port of the model is: an input of the program or an array that it fills, or a part of one. */
export interface ModelPort {
  readonly at: number;
  readonly view: View | null;
}

/** One kernel on certain arrays. */
export interface KernelCall {
  readonly kernel: Kernel;
  /** Number of elements of each array. */
  readonly size: number;
  readonly arrays: readonly Operand[];
  readonly scalars: readonly Operand[];
  /** Positions of its results among the outputs of the program. */
  readonly outputs: readonly number[];
  /** The layer or function whose work most of it is. */
  readonly scope: string;
}

/** What follows a model's run to complete the outputs of a program. Plain data. */
export interface Tail {
  readonly modelInputs: readonly ModelPort[];
  readonly modelOutputs: readonly ModelPort[];
  /** The arrays that the model fills, and their places among the outputs of the program, or null. */
  readonly arrays: readonly { readonly dtype: DType; readonly shape: readonly number[]; readonly output: number | null }[];
  /** Arrays that rows are added to before the calls. */
  readonly scattered: readonly Scattered[];
  readonly calls: readonly KernelCall[];
}

/** A program's graph in two: what ONNX Runtime does, and kernels that do the rest. */
export interface SplitGraph {
  readonly head: Graph;
  readonly tail: Tail;
}

/** Takes the elementwise work at the end of a graph out of it; undefined where there is little of it. */
export function splitTail(graph: Graph): SplitGraph | undefined {
  const groups = tailGroups(graph).filter((group) => group.length >= FEWEST_STEPS);
  const made = new Set(groups.flat().flatMap((node) => node.outputs));
  if (made.size === 0 || new Set(graph.outputs).size < graph.outputs.length) return undefined;
  const bytes = groups.reduce((sum, group) => sum + 4 * (arraysOf(group).length + outputsOf(group, graph).length) * sizeOf(group[0]!), 0);
  if (bytes > MOST_BYTES) return undefined;
  const own = graph.outputs.filter((output) => !made.has(output));
  const inputs = new Set(graph.inputs);
  const operands = groups.flatMap((group) => [...arraysOf(group), ...scalarsOf(group)]);
  const scattered = [...new Set(operands)].filter((operand) => !own.includes(operand) && scatterInputs(operand) !== undefined && usersAre(operand, graph, made));
  const rowsAndPlaces = scattered.map((operand) => scatterInputs(operand)!);
  const read = [...operands.filter((operand) => !scattered.includes(operand)), ...rowsAndPlaces.flatMap(({ updates, places }) => [updates, places])];
  const between = read.filter((operand) => !inputs.has(operand) && !own.includes(operand));
  const filled = [...new Set([...own, ...between])];
  const whole = graphOf(graph.inputs, filled);
  if (whole.nodes.length === 0) return undefined;
  const { graph: viewed, inputs: taken, outputs: given } = withViews(whole, new Set(between));
  const used = new Set([...viewed.nodes.flatMap((node) => node.inputs), ...viewed.outputs]);
  const needed = taken.filter(({ tensor }) => used.has(tensor));
  const place = (operand: Tensor): Operand => {
    if (scattered.includes(operand)) return { from: "scattered", at: scattered.indexOf(operand) };
    return inputs.has(operand) ? { from: "input", at: graph.inputs.indexOf(operand) } : { from: "model", at: filled.indexOf(operand) };
  };
  const calls = groups.map((group): KernelCall => ({
    kernel: kernelOf(group, graph),
    size: sizeOf(group[0]!),
    arrays: arraysOf(group).map(place),
    scalars: scalarsOf(group).map(place),
    outputs: outputsOf(group, graph).map((output) => graph.outputs.indexOf(output)),
    scope: group.at(-1)!.scope,
  }));
  return {
    head: { ...viewed, inputs: needed.map(({ tensor }) => tensor) },
    tail: {
      modelInputs: needed.map(({ array, view }) => ({ at: graph.inputs.indexOf(array), view })),
      modelOutputs: given.map(({ array, view }) => ({ at: filled.indexOf(array), view })),
      arrays: filled.map((array) => ({
        dtype: array.dtype,
        shape: concreteShape(array.shape, "output of a program"),
        output: graph.outputs.includes(array) ? graph.outputs.indexOf(array) : null,
      })),
      scattered: scattered.map((operand, i) => ({
        rows: concreteShape(operand.shape, "gradient")[0]!,
        width: widthOf(operand),
        updates: place(rowsAndPlaces[i]!.updates),
        places: place(rowsAndPlaces[i]!.places),
      })),
      calls,
    },
  };
}

/** Whether only nodes that make some values read one. */
function usersAre(value: Tensor, graph: Graph, made: ReadonlySet<Tensor>): boolean {
  return graph.nodes.every((node) => !node.inputs.includes(value) || made.has(node.outputs[0]!));
}

/** Nodes that only each other and the outputs of the graph need, by the arrays that they share; in order. */
function tailGroups(graph: Graph): Node[][] {
  const users = new Map<Tensor, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) users.set(input, [...(users.get(input) ?? []), node]);
  }
  const group = new Map<Node, Node[]>();
  for (const node of graph.nodes.toReversed()) {
    const after = users.get(node.outputs[0]!) ?? [];
    if (!isLanes(node) || !after.every((user) => group.has(user))) continue;
    const joined = [...new Set(after.map((user) => group.get(user)!))];
    const merged = [node, ...joined.flat()];
    for (const member of merged) group.set(member, merged);
  }
  const order = new Map(graph.nodes.map((node, i) => [node, i]));
  return [...new Set(group.values())].map((members) => members.toSorted((a, b) => order.get(a)! - order.get(b)!)).toSorted((a, b) => order.get(a[0]!)! - order.get(b[0]!)!);
}

/** Whether kernels can do a node's work: float32 arrays of one shape, and single numbers. */
function isLanes(node: Node): boolean {
  const [output] = node.outputs;
  const { shape } = output!;
  if (node.op.lanes === undefined || output!.dtype !== "float32" || sizeOf(node) < FEWEST_ELEMENTS) return false;
  return node.inputs.every((input) => isScalar(input) || input.shape.join() === shape.join());
}

function isScalar(tensor: Tensor): boolean {
  return tensor.shape.every((dim) => dim === 1);
}

/** The bits of a number that is known. */
function literalOf(tensor: Tensor): number | undefined {
  const node = nodeOf(tensor);
  if (node?.op !== constant || tensor.value !== undefined) return undefined;
  return new Uint32Array((node.attrs["data"] as Float32Array).slice(0, 1).buffer)[0]!;
}

/** Elements of a node's output; 0 where an axis is free. */
function sizeOf(node: Node): number {
  return node.outputs[0]!.shape.reduce<number>((product, dim) => (typeof dim === "number" ? product * dim : 0), 1);
}

function operandsOf(group: readonly Node[]): Tensor[] {
  const made = new Set(group.flatMap((node) => node.outputs));
  return [...new Set(group.flatMap((node) => node.inputs))].filter((input) => !made.has(input));
}

function arraysOf(group: readonly Node[]): Tensor[] {
  return operandsOf(group).filter((operand) => !isScalar(operand));
}

function scalarsOf(group: readonly Node[]): Tensor[] {
  return operandsOf(group).filter((operand) => isScalar(operand) && literalOf(operand) === undefined);
}

function outputsOf(group: readonly Node[], graph: Graph): Tensor[] {
  return group.flatMap((node) => node.outputs).filter((output) => graph.outputs.includes(output));
}

function kernelOf(group: readonly Node[], graph: Graph): Kernel {
  const arrays = arraysOf(group);
  const scalars = scalarsOf(group);
  const literals = operandsOf(group).filter((operand) => isScalar(operand) && literalOf(operand) !== undefined);
  const values = new Map([...arrays, ...scalars, ...literals, ...group.flatMap((node) => node.outputs)].map((value, i) => [value, i]));
  const numberOf = (value: Tensor): number => values.get(value)!;
  return {
    arrays: arrays.length,
    scalars: scalars.length,
    constants: literals.map((literal) => literalOf(literal)!),
    steps: group.map((node): KernelStep => ({ instruction: node.op.lanes!, operands: node.inputs.map(numberOf) })),
    outputs: outputsOf(group, graph).map(numberOf),
  };
}
