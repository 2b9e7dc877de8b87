import { NacreError } from "../error.js";
import { elementsOf } from "./protoReadTensor.js";
import { type AttributeProto, type GraphProto, type ModelProto, type NodeProto, type TensorProto, elementType } from "./protoModel.js";

/** The oldest standard set of operators that {@link downgrade} writes. */
export const OLDEST_OPSET = 17;

/** Operators of standard sets after version 17: with the version that brought them. */
const NEW: Readonly<Record<string, number>> = {
  AffineGrid: 20, BitwiseAnd: 18, BitwiseNot: 18, BitwiseOr: 18, BitwiseXor: 18, CenterCropPad: 18, Col2Im: 18, DeformConv: 19,
  Gelu: 20, GroupNormalization: 21, ImageDecoder: 20, Mish: 18, OptionalGetElement: 18, OptionalHasElement: 18, RegexFullMatch: 20,
  StringConcat: 20, StringSplit: 20,
};

/** Operators that mean something else, or take other arguments, before a version. */
const CHANGED: Readonly<Record<string, number>> = { DFT: 20, GridSample: 20, LpPool: 18, QLinearMatMul: 21, Resize: 19 };

/** Attributes of later versions, with the values at which leaving them away changes nothing. */
const LATER: readonly { readonly type: string; readonly name: string; readonly since: number; readonly idle: readonly unknown[] }[] = [
  { type: "AveragePool", name: "dilations", since: 19, idle: [1] },
  { type: "Cast", name: "saturate", since: 19, idle: [0, 1] },
  { type: "QuantizeLinear", name: "saturate", since: 19, idle: [0, 1] },
  { type: "QuantizeLinear", name: "block_size", since: 21, idle: [0] },
  { type: "QuantizeLinear", name: "output_dtype", since: 21, idle: [0] },
  { type: "DequantizeLinear", name: "block_size", since: 21, idle: [0] },
  { type: "Resize", name: "antialias", since: 18, idle: [0] },
  { type: "Resize", name: "keep_aspect_ratio_policy", since: 18, idle: ["stretch"] },
];

/** Reductions whose axes are an input since version 18. */
const REDUCTION = /^Reduce(L1|L2|LogSum|LogSumExp|Max|Mean|Min|Prod|SumSquare)$/;

/** IR versions in which each set of operators was released. */
const IR_VERSIONS: Readonly<Record<number, number>> = { 17: 8, 18: 8, 19: 9, 20: 9, 21: 10 };

/**
 * A model with the standard operators of an older version, 17 or later. What has become an input is
 * an attribute again, and Gelu is written out.
 *
 * @throws UNSUPPORTED when an operator has no like in that version, naming the node
 */
export function downgrade(model: ModelProto, opset: number): ModelProto {
  const from = model.opsetImports.find(({ domain }) => domain === "")?.version ?? opset;
  if (opset === from) return model;
  if (from > 21) throw unsupported("export", opset, `a graph with operators of version ${from}, as the imported file has`);
  return {
    ...model,
    irVersion: IR_VERSIONS[opset]!,
    opsetImports: model.opsetImports.map((entry) => (entry.domain === "" ? { domain: "", version: opset } : entry)),
    graph: downgradeGraph(model.graph, opset),
  };
}

function downgradeGraph(graph: GraphProto, opset: number): GraphProto {
  const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const added = new Map<string, TensorProto>();
  const nodes = graph.nodes.flatMap((node) => downgradeNode(node, opset, stored, added));
  const before = usedIn(graph.nodes, graph);
  const after = usedIn(nodes, graph);
  // Axes that were an input are left over.
  const initializers = graph.initializers.filter(({ name }) => after.has(name) || !before.has(name));
  return { ...graph, nodes, initializers: [...initializers, ...added.values()] };
}

function usedIn(nodes: readonly NodeProto[], graph: GraphProto): ReadonlySet<string> {
  return new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
}

function downgradeNode(node: NodeProto, opset: number, stored: ReadonlyMap<string, TensorProto>, added: Map<string, TensorProto>): NodeProto[] {
  const { opType } = node;
  if (node.attributes.some(({ type }) => type === "graph")) throw refused(node, opset, "a graph inside it");
  if (node.domain !== "") return [node];
  if (opType === "Gelu" && opset < 20) return gelu(node, added);
  if (opset < (NEW[opType] ?? 0)) throw refused(node, opset, `an operator of version ${NEW[opType]}`);
  if (opType === "Resize" && opset < 18 && keepsMeaning(node)) return [dropped(node, opset)];
  if (opset < (CHANGED[opType] ?? 0) && opType !== "Resize") throw refused(node, opset, `one that has changed in version ${CHANGED[opType]}`);
  if (opType === "Resize" && !keepsMeaning(node)) throw refused(node, opset, "sizes by axis, or a mode of version 19");
  if (REDUCTION.test(opType) && opset < 18) return [reduction(node, opset, stored)];
  if (opType === "Pad" && opset < 18 && (node.inputs[3] ?? "") !== "") throw refused(node, opset, "axes as an input");
  if (opType === "Pad" && opset < 19 && textOf(node, "mode") === "wrap") throw refused(node, opset, 'the mode "wrap"');
  if (/^Scatter(Elements|ND)$/.test(opType) && opset < 18 && /^(max|min)$/.test(textOf(node, "reduction"))) throw refused(node, opset, "a maximum");
  if (opType === "Split" && opset < 18) return [split(node)];
  return [dropped(node, opset)];
}

/** Whether a Resize says the same in version 17: all axes at once, and coordinates by an old rule. */
function keepsMeaning(node: NodeProto): boolean {
  const coordinates = textOf(node, "coordinate_transformation_mode");
  return coordinates !== "half_pixel_symmetric" && !node.attributes.some(({ name }) => name === "axes");
}

/** The axes of a reduction as an attribute. */
function reduction(node: NodeProto, opset: number, stored: ReadonlyMap<string, TensorProto>): NodeProto {
  const [data = "", axes = ""] = node.inputs;
  const idle = node.attributes.find(({ name }) => name === "noop_with_empty_axes");
  if (idle?.value === 1) throw refused(node, opset, "no axes to reduce");
  const attributes = node.attributes.filter((attribute) => attribute !== idle);
  if (axes === "") return { ...node, inputs: [data], attributes };
  const tensor = stored.get(axes);
  if (tensor?.dtype !== "int64") throw refused(node, opset, "axes that are computed");
  return { ...node, inputs: [data], attributes: [...attributes, { name: "axes", type: "ints", value: int64sOf(tensor) }] };
}

function split(node: NodeProto): NodeProto {
  return { ...node, attributes: node.attributes.filter(({ name }) => name !== "num_outputs") };
}

/** The node without attributes that the version does not know yet. */
function dropped(node: NodeProto, opset: number): NodeProto {
  const attributes = node.attributes.filter((attribute) => {
    const rule = LATER.find(({ type, name, since }) => type === node.opType && name === attribute.name && opset < since);
    if (rule === undefined) return true;
    const values: readonly unknown[] = Array.isArray(attribute.value) ? attribute.value : [attribute.value];
    if (values.some((value) => !rule.idle.includes(value))) throw refused(node, opset, `the attribute ${rule.name} of version ${rule.since}`);
    return false;
  });
  return { ...node, attributes };
}

/** Gelu by erf, ½x(1 + erf(x/√2)), or by tanh, ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
function gelu(node: NodeProto, added: Map<string, TensorProto>): NodeProto[] {
  const [x = ""] = node.inputs;
  const [y = ""] = node.outputs;
  const scalar = (value: number): string => {
    const name = `gelu/${value.toPrecision(9)}`;
    added.set(name, { name, dtype: "float32", shape: [], data: new Uint8Array(Float32Array.of(value).buffer) });
    return name;
  };
  const nodes: NodeProto[] = [];
  const step = (opType: string, inputs: readonly string[], output = `${y}/gelu${nodes.length}`): string => {
    nodes.push({ name: `${node.name}/${opType}${nodes.length}`, opType, domain: "", inputs, outputs: [output], attributes: [] });
    return output;
  };
  const inner =
    textOf(node, "approximate") === "tanh"
      ? step("Tanh", [step("Mul", [scalar(Math.sqrt(2 / Math.PI)), step("Add", [x, step("Mul", [scalar(0.044715), step("Mul", [x, step("Mul", [x, x])])])])])])
      : step("Erf", [step("Mul", [x, scalar(Math.SQRT1_2)])]);
  step("Mul", [step("Mul", [x, scalar(0.5)]), step("Add", [inner, scalar(1)])], y);
  return nodes;
}

function int64sOf({ data, shape }: TensorProto): number[] {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const bytes = elementsOf(data, elementType("int64"), size).slice();
  return Array.from(new BigInt64Array(bytes.buffer), Number);
}

function textOf(node: NodeProto, name: string): string {
  const found: AttributeProto | undefined = node.attributes.find((attribute) => attribute.name === name);
  return found?.type === "string" ? found.value : "";
}

function refused(node: NodeProto, opset: number, received: string): NacreError {
  return unsupported(`export, node "${node.name}" (${node.opType})`, opset, received);
}

function unsupported(where: string, opset: number, received: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where,
    expected: `what the standard operators of version ${opset} can say`,
    received,
    fix: "leave the option opset out, or take a newer one",
  });
}
