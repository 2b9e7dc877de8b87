import { type NodeProto, elementType } from "../../onnx/proto.js";
import type { Excluded } from "./cores.js";
import { type Draft, readBy } from "./draft.js";
import { FLOAT16, halfBytes, LARGEST_HALF } from "./half.js";

/**
 * Operators that compute in half floats. Sums over many values, exponentials and norms are not among
 * them: they lose too much, or leave the range.
 */
const HALF = new Set([
  "Conv", "ConvTranspose", "MatMul", "Gemm", "Add", "Sub", "Mul", "Div", "Neg", "Abs", "Max", "Min", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "Erf",
  "Gelu", "HardSigmoid", "HardSwish", "MaxPool", "AveragePool", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Concat", "Slice", "Gather",
  "Expand", "Split", "Identity",
]);

/** Further operators whose first input tells the type of their outputs; these stay as they are. */
const FLOAT = new Set([
  "Softmax", "LogSoftmax", "LayerNormalization", "InstanceNormalization", "GroupNormalization", "BatchNormalization", "RMSNormalization", "Exp", "Log", "Sqrt",
  "Reciprocal", "Pow", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSumSquare", "ReduceL2", "CumSum", "Softplus", "Elu", "Selu",
  "Clip", "Pad", "Resize", "GlobalAveragePool", "Sin", "Cos", "Floor", "Ceil", "Round", "Sign", "Tile", "Einsum", "Celu", "ThresholdedRelu", "PRelu",
]);

/** How many inputs of an operator are values; those behind them are shapes, axes and indices. */
const VALUES: Readonly<Record<string, number>> = { Reshape: 1, Squeeze: 1, Unsqueeze: 1, Slice: 1, Gather: 1, Expand: 1, Split: 1 };

/** Rewrites a graph to compute in half floats between its float32 inputs and outputs; gives the weights stored as halves. */
export function computeHalf(draft: Draft, excluded: Excluded): string[] {
  const floats = new Set<string>(draft.inputs.filter(({ dtype }) => dtype === "float32").map(({ name }) => name));
  const halved = new Map<string, string>();
  const done = new Set<string>();
  const nodes: NodeProto[] = [];
  /** The float32 values that were computed as halves, by name, and the halves beside float32 values. */
  const halves = new Map<string, string>();
  const widened = new Set<string>();
  const isFloat = (name: string): boolean => floats.has(name) || draft.initializers.get(name)?.dtype === "float32";
  const cast = (from: string, to: string, type: number): string => {
    nodes.push({ name: `${to}/Cast`, opType: "Cast", domain: "", inputs: [from], outputs: [to], attributes: [{ name: "to", type: "int", value: type }] });
    return to;
  };
  const asHalf = (name: string): string => {
    const known = halves.get(name) ?? halved.get(name);
    if (known !== undefined) return known;
    const data = draft.floats(name);
    const half = draft.fresh(`${name}/float16`);
    if (data === undefined) cast(name, half, FLOAT16);
    else {
      const { shape } = draft.initializers.get(name)!;
      draft.initializers.set(half, { name: half, dtype: "float32", shape, data: halfBytes(data), element: FLOAT16 });
      if (data.length > 1) done.add(draft.origins.get(name) ?? name);
    }
    halved.set(name, half);
    return half;
  };
  const asFloat = (name: string): string => {
    const half = halves.get(name);
    if (half !== undefined && !widened.has(name)) {
      widened.add(name);
      cast(half, name, elementType("float32"));
    }
    return name;
  };
  const fits = (name: string): boolean => {
    const data = draft.floats(name);
    return data === undefined || !data.some((value) => Math.abs(value) > LARGEST_HALF);
  };
  for (const node of draft.nodes) {
    const standard = node.domain === "";
    const values = node.inputs.slice(0, VALUES[node.opType] ?? node.inputs.length).filter((name) => name !== "");
    const floating = standard && values.some(isFloat) && (HALF.has(node.opType) || FLOAT.has(node.opType));
    const weights = values.filter((name) => draft.initializers.has(name)).map((name) => draft.origins.get(name) ?? name);
    if (floating && HALF.has(node.opType) && values.every(fits) && !weights.some(excluded)) {
      const inputs = node.inputs.map((name, i) => (name === "" || i >= values.length ? name : asHalf(name)));
      const outputs = node.outputs.map((name) => (name === "" ? name : draft.fresh(`${name}/half`)));
      node.outputs.forEach((name, i) => name !== "" && halves.set(name, outputs[i]!));
      nodes.push({ ...node, inputs, outputs });
    } else {
      for (const name of readBy(node)) asFloat(name);
      nodes.push(node);
    }
    // Beside their result, normalizations give statistics of the same type, and pools whole numbers.
    if (floating) node.outputs.forEach((name, i) => (i === 0 || node.opType === "Split") && floats.add(name));
  }
  for (const { name } of draft.outputs) asFloat(name);
  draft.nodes = nodes;
  return [...done];
}
