import { NacreError } from "../../error.js";
import { type Graph, graphOf, leavesOf } from "../../graph/graph.js";
import { downgrade, OLDEST_OPSET } from "../../onnx/downgrade.js";
import { emitModel, OPSET } from "../../onnx/emit.js";
import type { ModelProto } from "../../onnx/proto.js";
import { badOption } from "../../options.js";
import type { TypedArray } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { addLabelNames, labelOutputs } from "./labels.js";
import { described } from "./metadata.js";
import type { GraphOptions } from "./options.js";
import { checkPorts, renamed } from "./ports.js";

/** A computation that is to become an ONNX file. */
export interface Program {
  /** What errors call it. */
  readonly where: string;
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Values stored in the file, by the tensors that stand for them. */
  readonly weights: ReadonlyMap<Tensor, { readonly name: string; readonly data: TypedArray }>;
}

/** The ONNX model of a program: standard lowering, inference only, with what the options add. */
export async function programProto(program: Program, options: GraphOptions): Promise<ModelProto> {
  const { where } = program;
  const opset = options.opset ?? OPSET;
  if (!Number.isInteger(opset) || opset < OLDEST_OPSET || opset > OPSET) {
    throw badOption(where, "opset", `a version from ${OLDEST_OPSET} to ${OPSET}`, opset);
  }
  const labels = labelOutputs(program, options);
  const inputNames = renamed(where, "inputNames", program.inputNames, options.inputNames);
  const outputNames = [...renamed(where, "outputNames", program.outputNames, options.outputNames), ...labels.names];
  checkPorts(where, [...inputNames, ...outputNames, ...labels.texts]);
  const taken = new Set([...inputNames, ...outputNames, ...labels.texts]);
  const initializers = new Map<Tensor, { name: string; data: TypedArray }>();
  const store = (value: Tensor, name: string, data: TypedArray): void => {
    let free = name;
    while (taken.has(free)) free += "_";
    taken.add(free);
    initializers.set(value, { name: free, data });
  };
  for (const [value, { name, data }] of program.weights) store(value, name, data);
  const graph = graphOf([...program.inputs, ...initializers.keys()], [...program.outputs, ...labels.outputs]);
  const captured = await capturedData(where, graph);
  for (const [leaf, data] of captured) store(leaf, `constant_${initializers.size - program.weights.size}`, data);
  const whole = { ...graph, inputs: [...graph.inputs, ...captured.keys()] };
  const proto = emitModel(whole, { graphName: program.name, inputNames, outputNames, initializers });
  const complete = await described(where, addLabelNames(proto, labels, options), options);
  return options.opset === undefined ? complete : downgrade(complete, opset);
}

/** Values of tensors that a program uses and that are neither inputs nor weights. */
async function capturedData(where: string, graph: Graph): Promise<Map<Tensor, TypedArray>> {
  const captured = new Map<Tensor, TypedArray>();
  for (const leaf of leavesOf(graph)) {
    if (leaf.shape.some((dim) => typeof dim === "string")) throw foreign(where, leaf);
    captured.set(leaf, await leaf.data());
  }
  return captured;
}

function foreign(where: string, leaf: Tensor): NacreError {
  return new NacreError({
    code: "TRACED_VALUE",
    where,
    expected: "tensors that are inputs, computed from them, or hold data",
    received: leaf.toString(),
    fix: "a tensor made inside one traced function cannot be used in another",
  });
}
