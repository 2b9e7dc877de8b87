import { type Graph, leavesOf } from "../graph/graph.js";
import type { SharedGraph } from "../lower/halves/halves.js";
import { splitTail } from "../lower/tail/tail.js";
import { emitModel } from "../onnx/emit.js";
import { encodeModel } from "../onnx/proto.js";
import { concreteShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { PortSpec, Program, SharedProgram } from "./engine.js";

interface ProgramOptions {
  /** Whether nodes are named after layers. */
  readonly scopes?: boolean;
  /** Whether its end is left to the engine's kernels. */
  readonly kernels?: boolean;
  /** Whether other runs of it happen at the same time. */
  readonly abreast?: boolean;
}

/** A graph as engines take it. */
export function programOf(graph: Graph, { scopes = false, kernels = false, abreast = false }: ProgramOptions = {}): Program {
  const split = kernels ? splitTail(graph) : undefined;
  const ports = portsOf(graph);
  if (split === undefined) return { model: encodeModel(emitModel(graph, { scopes })), ...ports, ...(abreast ? { abreast } : {}) };
  return { model: encodeModel(emitModel(split.head, { scopes })), ...ports, tail: { ...split.tail, model: portsOf(split.head) } };
}

/** A graph that is shared out among parts of a batch, as engines take it; `whole` has all inputs and outputs. */
export function sharedProgramOf(whole: Graph, { parts, part, partInputs, rest, restInputs }: SharedGraph, options: ProgramOptions): SharedProgram {
  const positions = (captured: readonly Tensor[]): number[] => captured.map((leaf) => whole.inputs.indexOf(leaf));
  const [ofPart, ofRest] = [leavesOf(part), leavesOf(rest)];
  const given = rest.inputs.slice(0, restInputs.length);
  const results = rest.inputs.slice(restInputs.length);
  return {
    ...portsOf(whole),
    parts,
    part: programOf({ ...part, inputs: [...part.inputs, ...ofPart] }, { ...options, kernels: false, abreast: true }),
    partInputs: [...partInputs, ...positions(ofPart).map((at) => ({ at, rows: false }))],
    rest: { ...programOf({ ...rest, inputs: [...given, ...ofRest, ...results] }, options), spent: results.map((_, i) => given.length + ofRest.length + i) },
    restInputs: [...restInputs, ...positions(ofRest)],
  };
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
