import { NacreError } from "../error.js";
import { importOnnx } from "../models/importOnnx.js";
import { type AttributeProto, type GraphProto, type ModelProto, type NodeProto, type TensorProto, decodeModel, encodeModel } from "../onnx/proto.js";
import { mutateBytes, pick, type Random } from "./mutate.js";

const NUMBERS = [-1, 0, 1, 2, 3, 7, 64, 1000, 65_536, 1e6, 2 ** 31 - 1, 2 ** 31, 2 ** 40, 2 ** 53, -2, -3, -1000, -(2 ** 31), -(2 ** 53)];
const WORDS = ["", "x0", "SAME_UPPER", "SAME_LOWER", "VALID", "reverse", "bidirectional", "__proto__", "constructor", "i,j->", "bij,bjk->bik", "...", "linear", "cubic", "reflect", "wrap"];
const OPS = [
  "Add", "Cast", "Concat", "ConstantOfShape", "Conv", "ConvTranspose", "CumSum", "Dropout", "Einsum", "Expand", "Flatten", "GRU", "Gather", "GatherND", "Gemm",
  "GroupNormalization", "Identity", "If", "LSTM", "Loop", "MatMul", "MaxPool", "NonZero", "OneHot", "Pad", "Range", "ReduceSum", "Reshape", "Resize", "Scan",
  "ScatterElements", "Shape", "Slice", "Softmax", "Split", "Squeeze", "Tile", "TopK", "Transpose", "Trilu", "Unsqueeze", "Where", "Nothing",
];

/** A damaged ONNX file: in its bytes, or in what it says. */
export function mutateOnnx(bytes: Uint8Array, random: Random): Uint8Array {
  if (random(2) === 0) return mutateBytes(bytes, random);
  let model = decodeModel(bytes);
  for (let rounds = 1 + random(3); rounds > 0; rounds--) model = { ...model, graph: changed(model.graph, model, random) };
  return encodeModel(model);
}

/** Opens a file as somebody would who found it. Gives whether it opened. */
export async function openOnnx(bytes: Uint8Array): Promise<boolean> {
  try {
    const model = await importOnnx(bytes);
    model.summary();
    return true;
  } catch (error) {
    if (error instanceof NacreError) return false;
    throw error;
  }
}

function changed(graph: GraphProto, model: ModelProto, random: Random): GraphProto {
  const { nodes, initializers, inputs, outputs } = graph;
  const at = random(Math.max(1, nodes.length));
  switch (random(9)) {
    case 0:
      return { ...graph, nodes: nodes.filter((_, i) => i !== at) };
    case 1:
      return { ...graph, nodes: [...nodes, ...nodes.slice(at, at + 1)] };
    case 2:
      return { ...graph, initializers: initializers.map((tensor, i) => (i === random(initializers.length) ? hostileTensor(tensor, random) : tensor)) };
    case 3:
      return { ...graph, initializers: initializers.slice(1) };
    case 4:
      return { ...graph, inputs: inputs.map((input) => ({ ...input, shape: input.shape?.map((dim) => (random(2) === 0 ? hostileDim(random) : dim)) })) };
    case 5:
      return { ...graph, outputs: outputs.map((output) => ({ ...output, name: pick(namesIn(graph), random) })) };
    default:
      return { ...graph, nodes: nodes.map((node, i) => (i === at ? hostileNode(node, graph, model, random) : node)) };
  }
}

function hostileDim(random: Random): number | string {
  const number = pick(NUMBERS, random);
  return random(4) === 0 || number < 0 ? pick(["n", "batch", "2*n", "a+b", "-3", "*"], random) : number;
}

function namesIn(graph: GraphProto): string[] {
  return [...graph.nodes.flatMap((node) => [...node.inputs, ...node.outputs]), ...graph.inputs.map(({ name }) => name), "nothing"];
}

/** Other integers in place of stored ones: they are shapes, axes and counts. */
function hostileTensor(tensor: TensorProto, random: Random): TensorProto {
  if (tensor.dtype !== "int64" || random(3) === 0) return { ...tensor, shape: pick<readonly number[]>([[], [0], [...tensor.shape, 1], [tensor.data.length]], random) };
  const data = new BigInt64Array(tensor.data.length / 8);
  return { ...tensor, data: new Uint8Array(data.map(() => BigInt(pick(NUMBERS, random))).buffer) };
}

function hostileNode(node: NodeProto, graph: GraphProto, model: ModelProto, random: Random): NodeProto {
  const names = namesIn(graph);
  switch (random(5)) {
    case 0:
      return { ...node, opType: pick(OPS, random) };
    case 1:
      return { ...node, inputs: node.inputs.map((name) => (random(2) === 0 ? pick(names, random) : name)) };
    case 2:
      return { ...node, outputs: [...node.outputs, pick(names, random)] };
    case 3:
      return { ...node, opType: pick(OPS, random), attributes: [...node.attributes, hostileAttribute(model, random)] };
    default:
      return { ...node, attributes: node.attributes.map((attribute) => hostileValue(attribute, random)) };
  }
}

function hostileAttribute(model: ModelProto, random: Random): AttributeProto {
  const name = pick(["axis", "axes", "perm", "group", "to", "split", "shape", "value", "hidden_size", "kernel_shape", "strides", "pads", "dilations", "body", "num_groups"], random);
  if (name === "body" || random(8) === 0) return { name: pick(["body", "then_branch", "else_branch"], random), type: "graph", value: model.graph };
  if (random(3) === 0) return { name, type: "int", value: pick(NUMBERS, random) };
  return { name, type: "ints", value: Array.from({ length: random(4) }, () => pick(NUMBERS, random)) };
}

function hostileValue(attribute: AttributeProto, random: Random): AttributeProto {
  switch (attribute.type) {
    case "int":
      return { ...attribute, value: pick(NUMBERS, random) };
    case "float":
      return { ...attribute, value: pick([NaN, Infinity, -1, 0, 1e30], random) };
    case "string":
      return { ...attribute, value: pick(WORDS, random) };
    case "ints":
      return { ...attribute, value: attribute.value.map(() => pick(NUMBERS, random)) };
    case "tensor":
      return { ...attribute, value: hostileTensor(attribute.value, random) };
    default:
      return attribute;
  }
}
