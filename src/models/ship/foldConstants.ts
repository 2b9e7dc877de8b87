import type { ModelProto, NodeProto, ValueInfo } from "../../onnx/proto.js";
import type { TypedArray } from "../../tensor/dtype.js";
import { Draft, readBy } from "./draft.js";
import { type Host, OnnxProgram } from "./program.js";

/** Operators whose first input tells the type of their output; enough for what becomes of weights. */
const SAME_TYPE = new Set([
  "Add", "Sub", "Mul", "Div", "Neg", "Sqrt", "Reciprocal", "Exp", "Pow", "Abs", "Max", "Min", "Transpose", "Reshape", "Squeeze", "Unsqueeze",
  "Concat", "Slice", "Expand", "Tile", "Identity", "Pad", "ReduceSum", "ReduceMean", "ReduceMax", "MatMul", "Flatten", "Sum", "Gather",
]);

/**
 * Computes what depends on stored float32 values alone, such as transposed kernels and the scales of
 * batch normalizations, and stores it in place of the nodes.
 */
export async function foldConstants(draft: Draft, model: ModelProto, host: Host): Promise<void> {
  const folded = new Map<string, NodeProto>();
  const isKnown = (name: string): boolean => folded.has(name) || draft.initializers.has(name);
  const isFloat = (name: string): boolean => folded.has(name) || draft.initializers.get(name)?.dtype === "float32";
  for (const node of draft.nodes) {
    const fits = node.domain === "" && SAME_TYPE.has(node.opType) && node.outputs.length === 1 && !draft.isPort(node.outputs[0]!);
    if (fits && isFloat(node.inputs[0]!) && [...readBy(node)].every(isKnown)) folded.set(node.outputs[0]!, node);
  }
  const consumers = draft.consumers();
  const names = [...folded.keys()].filter((name) => consumers.get(name)?.some((node) => !folded.has(node.outputs[0]!)) === true);
  if (names.length === 0) return;
  const nodes = [...folded.values()];
  const evaluate = async (extra: readonly NodeProto[], outputs: readonly ValueInfo[]): Promise<TypedArray[]> => {
    const initializers = [...draft.initializers.values()];
    const graph = new Draft({ name: "constants", nodes: [...nodes, ...extra], initializers, inputs: [], outputs }).finish();
    const program = new OnnxProgram(host, { ...model, graph });
    const columns = await program.run([]);
    program.dispose();
    return columns.map(({ data }) => data);
  };
  const step = (opType: string, input: string): NodeProto => ({ name: "", opType, domain: "", inputs: [input], outputs: [`${input}/${opType}`], attributes: [] });
  // Programs must know the shapes of what they give: rank first, then shape, then elements.
  const ranks = await evaluate(
    names.flatMap((name) => [step("Shape", name), step("Size", `${name}/Shape`)]),
    names.map((name) => ({ name: `${name}/Shape/Size`, dtype: "int64", shape: [] })),
  );
  const shapes = await evaluate(
    names.map((name) => step("Shape", name)),
    names.map((name, i) => ({ name: `${name}/Shape`, dtype: "int64", shape: [Number(ranks[i]![0])] })),
  );
  const values = await evaluate([], names.map((name, i) => ({ name, dtype: "float32", shape: Array.from(shapes[i]!, Number) })));
  const origins = new Map<string, string>();
  for (const [name, node] of folded) {
    const sources = node.inputs.map((input) => origins.get(input) ?? input).filter(isWeight);
    if (sources.length > 0) origins.set(name, sources[0]!);
  }
  draft.nodes = draft.nodes.filter((node) => !folded.has(node.outputs[0]!));
  names.forEach((name, i) => {
    draft.initializers.set(name, { name, dtype: "float32", shape: Array.from(shapes[i]!, Number), data: new Uint8Array((values[i] as Float32Array).slice().buffer) });
    draft.origins.set(name, origins.get(name) ?? name);
  });

  function isWeight(name: string): boolean {
    const tensor = draft.initializers.get(name);
    return tensor?.dtype === "float32" && tensor.shape.length > 0;
  }
}
