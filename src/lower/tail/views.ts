import { type Graph, placeholder } from "../../graph/graph.js";
import { type Node, nodeOf } from "../../graph/node.js";
import { withInputs } from "../../graph/rewrite.js";
import { concat, split } from "../../ops/shape/concat.js";
import { reshape } from "../../ops/shape/reshape.js";
import { concreteShape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** A part of an array as a tensor of its own. */
export interface View {
  /** The first element. */
  readonly offset: number;
  readonly shape: readonly number[];
}

/** A value of a graph, and the part of which array it is: null for all of it. */
export interface ViewedPort {
  readonly tensor: Tensor;
  readonly array: Tensor;
  readonly view: View | null;
}

/** A graph whose ports may be parts of arrays. */
export interface ViewedGraph {
  readonly graph: Graph;
  readonly inputs: readonly ViewedPort[];
  readonly outputs: readonly ViewedPort[];
}

/**
 * Takes the cutting and joining of arrays at the ends of a graph out of it: an input that is only split becomes
 * several, and so does one of the `joined` outputs that is a concatenation. Memory can be looked at in parts for nothing.
 */
export function withViews(graph: Graph, joined: ReadonlySet<Tensor>): ViewedGraph {
  const users = usersOf(graph);
  const outputs = graph.outputs.flatMap((output) => (joined.has(output) ? piecesOf(output, users) : undefined) ?? [whole(output)]);
  const distinct = new Set(outputs.map(({ tensor }) => tensor)).size === outputs.length;
  const used = distinct ? outputs : graph.outputs.map(whole);
  const replacements = new Map<Tensor, Tensor>();
  const inputs = graph.inputs.flatMap((input) => partsOf(input, graph, users, replacements) ?? [whole(input)]);
  const viewed = withInputs({ ...graph, outputs: used.map(({ tensor }) => tensor) }, inputs.map(({ tensor }) => tensor), replacements);
  return { graph: viewed, inputs, outputs: used };
}

function whole(tensor: Tensor): ViewedPort {
  return { tensor, array: tensor, view: null };
}

function usersOf(graph: Graph): ReadonlyMap<Tensor, readonly Node[]> {
  const users = new Map<Tensor, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) users.set(input, [...(users.get(input) ?? []), node]);
  }
  return users;
}

/** The parts of an input that is split and not used otherwise; what they replace is noted. */
function partsOf(input: Tensor, graph: Graph, users: ReadonlyMap<Tensor, readonly Node[]>, replacements: Map<Tensor, Tensor>): ViewedPort[] | undefined {
  const [node, ...others] = users.get(input) ?? [];
  if (node?.op !== split || others.length > 0 || input.rank !== 1 || graph.outputs.includes(input)) return undefined;
  let offset = 0;
  return node.outputs.map((part) => {
    const [user, ...more] = users.get(part) ?? [];
    const value = user?.op === reshape && more.length === 0 && !graph.outputs.includes(part) ? user.outputs[0]! : part;
    const shape = concreteShape(value.shape, "part of an input");
    const tensor = placeholder(shape, value.dtype, input.name ?? "part");
    replacements.set(value, tensor);
    offset += sizeOf(part.shape);
    return { tensor, array: input, view: { offset: offset - sizeOf(part.shape), shape } };
  });
}

/** What an output is joined of. */
function piecesOf(output: Tensor, users: ReadonlyMap<Tensor, readonly Node[]>): ViewedPort[] | undefined {
  const node = nodeOf(output);
  if (node?.op !== concat || output.rank !== 1 || users.has(output)) return undefined;
  let offset = 0;
  return node.inputs.map((piece) => {
    const flat = nodeOf(piece);
    const tensor = flat?.op === reshape && users.get(piece)?.length === 1 ? flat.inputs[0]! : piece;
    offset += sizeOf(piece.shape);
    return { tensor, array: output, view: { offset: offset - sizeOf(piece.shape), shape: concreteShape(tensor.shape, "part of an output") } };
  });
}
