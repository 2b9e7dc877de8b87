import type { Graph } from "../graph/graph.js";
import { emitModel } from "../onnx/emit.js";
import { encodeModel } from "../onnx/proto.js";
import { concreteShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { PortSpec, Program } from "./engine.js";

/** A graph as engines take it; `scopes` names nodes after layers. */
export function programOf(graph: Graph, scopes = false): Program {
  return {
    model: encodeModel(emitModel(graph, { scopes })),
    inputs: graph.inputs.map((input, i) => port(input, `i${i}`)),
    outputs: graph.outputs.map((output, i) => port(output, `o${i}`)),
  };
}

function port(tensor: Tensor, name: string): PortSpec {
  return { name, dtype: tensor.dtype, shape: concreteShape(tensor.shape, `program port ${name}`) };
}
