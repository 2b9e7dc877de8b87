import { NacreError } from "../../error.js";
import type { OnnxAttribute } from "../../graph/lowering.js";
import type { Spec } from "../../graph/node.js";
import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { AttributeProto, GraphProto, NodeProto } from "../proto.js";
import { whereOf } from "./call.js";
import { upgraded } from "./upgrade.js";

/** A node that is carried as it was. */
export interface OpaqueNode {
  readonly node: NodeProto;
  /** The least version of the node's set of operators. */
  readonly version: number;
  /** For each input of the node, the tensor; undefined for an omitted one. */
  readonly inputs: readonly (Tensor | undefined)[];
  /** Values from around that the graphs inside the node read, by name. */
  readonly captured: ReadonlyMap<string, Tensor>;
  readonly outputs: readonly Spec[];
}

type OpaqueAttrs = { readonly source: () => OpaqueNode };

let graphs = 0;

/**
 * A node of an ONNX file that stays what it was: it runs, but no gradient passes through it.
 *
 * @throws NO_GRADIENT when a gradient must pass
 */
export const opaque: OpOf<(source: OpaqueNode) => readonly Tensor[]> = defineOp({
  name: "opaque",
  call: (apply: Apply<OpaqueAttrs>) => (source) => {
    const given = source.inputs.filter((input) => input !== undefined);
    return apply([...given, ...source.captured.values()], { source: () => source });
  },
  infer: (_inputs, { source }) => source().outputs,
  grad: ({ attrs }) => {
    throw new NacreError({
      code: "NO_GRADIENT",
      where: whereOf(attrs.source().node),
      expected: "an operator with a gradient between the trained weights and the loss",
      received: `${attrs.source().node.opType}, which has none here`,
      fix: "freeze the weights before this node: importOnnx(path, { trainable: (name) => … })",
    });
  },
  lower: (b, inputs, { attrs }) => {
    const { node: original, version, inputs: slots, captured } = attrs.source();
    const { node, moved } = upgraded(original, version);
    const names = [...inputs];
    const operands = slots.map((slot) => (slot === undefined ? null : names.shift()!));
    if (moved !== undefined) operands.push(b.int64s(moved));
    const outer = new Map<string, string>([...captured.keys()].map((name) => [name, names.shift()!]));
    const prefix = outer.size > 0 || node.attributes.some(({ type }) => type === "graph") ? `graph${graphs++}/` : "";
    const attributes = node.attributes.map((attribute): [string, OnnxAttribute] => [
      attribute.name,
      { stored: attribute.type === "graph" ? { ...attribute, value: renamed(attribute.value, outer, prefix) } : attribute },
    ]);
    b.requires(node.domain, version);
    return b.nodes(node.opType, operands, node.outputs.length, Object.fromEntries(attributes), node.domain);
  },
});

/** A graph inside a node, reading outer values by their new names, its own with names that nothing else has. */
function renamed(graph: GraphProto, outer: ReadonlyMap<string, string>, prefix: string): GraphProto {
  const own = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name));
  for (const node of graph.nodes) for (const output of node.outputs) own.add(output);
  const names = new Map([...outer, ...[...own].map((name): [string, string] => [name, name === "" ? "" : prefix + name])]);
  const now = (name: string): string => names.get(name) ?? name;
  const port = <T extends { readonly name: string }>(value: T): T => ({ ...value, name: now(value.name) });
  return {
    name: graph.name,
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(now),
      outputs: node.outputs.map(now),
      attributes: node.attributes.map(
        (attribute): AttributeProto => (attribute.type === "graph" ? { ...attribute, value: renamed(attribute.value, names, prefix) } : attribute),
      ),
    })),
    initializers: graph.initializers.map(port),
    inputs: graph.inputs.map(port),
    outputs: graph.outputs.map(port),
  };
}

/** Names that a graph inside a node takes from around it. */
export function capturedNames(graph: GraphProto): Set<string> {
  const own = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name));
  const captured = new Set<string>();
  const read = (name: string): void => {
    if (name !== "" && !own.has(name)) captured.add(name);
  };
  for (const node of graph.nodes) {
    node.inputs.forEach(read);
    for (const attribute of node.attributes) if (attribute.type === "graph") capturedNames(attribute.value).forEach(read);
    for (const output of node.outputs) own.add(output);
  }
  for (const output of graph.outputs) read(output.name);
  return captured;
}
