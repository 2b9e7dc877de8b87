import type { Graph } from "../graph/graph.js";
import { splitTail } from "../lower/tail/tail.js";
import { emitModel } from "../onnx/emit.js";
import { encodeModel } from "../onnx/proto.js";
import { concreteShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { PortSpec, Program } from "./engine.js";

/** A graph as engines take it; `scopes` names nodes after layers, `kernels` leaves its end to the engine's kernels. */
export function programOf(graph: Graph, { scopes = false, kernels = false } = {}): Program {
  const split = kernels ? splitTail(graph) : undefined;
  const ports = portsOf(graph);
  if (split === undefined) return { model: encodeModel(emitModel(graph, { scopes })), ...ports };
  return { model: encodeModel(emitModel(split.head, { scopes })), ...ports, tail: { ...split.tail, model: portsOf(split.head) } };
}

function portsOf({ inputs, outputs }: Graph): Pick<Program, "inputs" | "outputs"> {
  return {
    inputs: inputs.map((input, i) => port(input, `i${i}`)),
    outputs: outputs.map((output, i) => port(output, `o${i}`)),
  };
}

function port(tensor: Tensor, name: string): PortSpec {
  return { name, dtype: tensor.dtype, shape: concreteShape(tensor.shape, `program port ${name}`) };
}
