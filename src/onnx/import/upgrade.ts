import type { AttributeProto, GraphProto, NodeProto } from "../proto.js";

/** Integers that a node has as an attribute, and since some version as an input. */
interface Moved {
  readonly attribute: string;
  readonly since: number;
}

const REDUCTIONS = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare"];

const MOVED: Readonly<Record<string, Moved>> = {
  Squeeze: { attribute: "axes", since: 13 },
  Unsqueeze: { attribute: "axes", since: 13 },
  ReduceSum: { attribute: "axes", since: 13 },
  Split: { attribute: "split", since: 13 },
  ...Object.fromEntries(REDUCTIONS.map((name): [string, Moved] => [`Reduce${name}`, { attribute: "axes", since: 18 }])),
};

/** A node as newer versions write it, and the integers that have become its second input. */
export interface Upgraded {
  readonly node: NodeProto;
  readonly moved: readonly number[] | undefined;
}

/** A node of an older version of the standard operators in the words of those that programs use. */
export function upgraded(node: NodeProto, version: number): Upgraded {
  const attributes = node.attributes.map(
    (attribute): AttributeProto => (attribute.type === "graph" ? { ...attribute, value: upgradedGraph(attribute.value, version) } : attribute),
  );
  if (node.domain !== "") return { node: { ...node, attributes }, moved: undefined };
  const rule = MOVED[node.opType];
  const old = rule !== undefined && version < rule.since ? attributes.find(({ name }) => name === rule.attribute) : undefined;
  const kept = attributes.filter((attribute) => attribute !== old);
  // Equal parts are asked for by their number.
  const parts = node.opType === "Split" && version < 18 && old === undefined && node.inputs[1] === undefined;
  const spoken = node.opType === "GridSample" && version < 20 ? kept.map(modeOfVersion20) : kept;
  const all = parts ? [...spoken, { name: "num_outputs", type: "int", value: node.outputs.length } as const] : spoken;
  return { node: { ...node, attributes: all }, moved: old?.type === "ints" ? old.value : undefined };
}

/** The modes of sampling have had other names since version 20. */
function modeOfVersion20(attribute: AttributeProto): AttributeProto {
  if (attribute.name !== "mode" || attribute.type !== "string") return attribute;
  const value = { bilinear: "linear", bicubic: "cubic" }[attribute.value] ?? attribute.value;
  return { ...attribute, value };
}

/** A graph inside a node; what has become an input is a constant of its own there. */
function upgradedGraph(graph: GraphProto, version: number): GraphProto {
  const nodes = graph.nodes.flatMap((each, i): NodeProto[] => {
    const { node, moved } = upgraded(each, version);
    if (moved === undefined) return [node];
    const name = `${node.outputs[0] ?? node.name}/moved${i}`;
    const value = { name: "", dtype: "int64", shape: [moved.length], data: new Uint8Array(BigInt64Array.from(moved, BigInt).buffer) } as const;
    const constant: NodeProto = { name, opType: "Constant", domain: "", inputs: [], outputs: [name], attributes: [{ name: "value", type: "tensor", value }] };
    return [constant, { ...node, inputs: [node.inputs[0] ?? "", name] }];
  });
  return { ...graph, nodes };
}
