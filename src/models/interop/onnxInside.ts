import type { GraphInside } from "../../layers/definition.js";
import type { Layer } from "../../layers/layer.js";
import type { Variable } from "../../layers/variable.js";
import { inlineFunctions } from "../../onnx/import/functions.js";
import { type ImportedGraph, needsOf } from "../../onnx/import/prepare.js";
import { type GraphProto, type ModelProto, type NodeProto, type ValueInfo, decodeModel, encodeModel } from "../../onnx/proto.js";
import { fromBase64, toBase64 } from "./base64.js";
import type { OnnxGraphConfig } from "./onnxLayer.js";

/** What an imported graph tells of itself. `make` builds a layer of a part of it, with the same variables. */
export function insideOf(
  layer: Layer,
  graph: ImportedGraph,
  variables: ReadonlyMap<string, Variable>,
  make: (config: OnnxGraphConfig) => Layer,
): GraphInside {
  const values = new Set(graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== "")));
  const byNode = new Map(graph.nodes.map(({ name, outputs }) => [name, outputs.find((output) => output !== "")]));
  return {
    names: [...new Set([...values, ...[...byNode.keys()].filter((name) => name !== "")])],
    outputs: graph.outputs.map(({ name }) => name),
    cut: (names) => {
      const config = layer.config as OnnxGraphConfig;
      const wanted = names.map((name) => (values.has(name) ? name : (byNode.get(name) ?? name)));
      const model = partOf(decodeModel(fromBase64(config.graph, layer.where)), wanted, graph);
      const kept = new Set(model.graph.initializers.map(({ name }) => name));
      const part = make({ graph: toBase64(encodeModel(model)), trained: config.trained.filter((name) => kept.has(name)) });
      const ports = new Set(model.graph.inputs.map(({ name }) => name));
      return { layer: part, inputs: [...graph.inputs.keys()].filter((i) => ports.has(graph.inputs[i]!.name)) };
    },
    get headInput() {
      return headInput(graph);
    },
    get matrices() {
      return new Set(matrices(graph).map((name) => variables.get(name)!));
    },
  };
}

/** The part of a model that makes some values. */
function partOf(model: ModelProto, wanted: readonly string[], { declared }: ImportedGraph): ModelProto {
  const graph = inlineFunctions(model);
  const needed = new Set(wanted);
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const nodes = new Set<NodeProto>();
  const open = [...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const maker = makers.get(name);
    if (maker === undefined || nodes.has(maker)) continue;
    nodes.add(maker);
    for (const input of needsOf(maker)) {
      needed.add(input);
      open.push(input);
    }
  }
  const made = new Set([...nodes].flatMap(({ outputs }) => outputs));
  const outputs = wanted.map((name): ValueInfo => declared.get(name) ?? { name, dtype: "float32", shape: undefined });
  const part: GraphProto = {
    name: graph.name,
    nodes: graph.nodes.filter((node) => nodes.has(node)),
    initializers: graph.initializers.filter(({ name }) => needed.has(name)),
    inputs: graph.inputs.filter(({ name }) => needed.has(name)),
    outputs,
    values: [...declared.values()].filter(({ name }) => made.has(name) && !wanted.includes(name)),
  };
  const { functions: _inlined, ...rest } = model;
  return { ...rest, graph: part };
}

/** Operators whose first input meets a weight. */
const HEADS = new Set(["Conv", "ConvTranspose", "Einsum", "FusedMatMul", "GRU", "Gemm", "LSTM", "MatMul", "RNN"]);

const PRODUCTS = new Set(["FusedMatMul", "Gemm", "MatMul"]);

/** Values that follow from stored tensors alone, with the variables that they follow from. */
export function weightsBehind(graph: ImportedGraph): Map<string, readonly string[]> {
  const behind = new Map<string, readonly string[]>([...graph.variables].map((name) => [name, [name]]));
  for (const node of graph.nodes) {
    const inputs = node.inputs.filter((name) => name !== "");
    if (inputs.length === 0 || !inputs.every((name) => behind.has(name) || graph.constants.has(name))) continue;
    const from = inputs.flatMap((name) => behind.get(name) ?? []);
    for (const output of node.outputs) behind.set(output, from);
  }
  return behind;
}

/** What the last node with a weight of several axes takes beside it. */
function headInput(graph: ImportedGraph): string | undefined {
  const behind = weightsBehind(graph);
  const isWeight = (name: string): boolean => (behind.get(name) ?? []).some((weight) => graph.stored.get(weight)!.shape.length > 1);
  const last = graph.nodes.findLast(({ opType, inputs }) => HEADS.has(opType) && inputs.some(isWeight) && inputs.some((name) => !behind.has(name)));
  return last?.inputs.find((name) => name !== "" && !behind.has(name) && !graph.constants.has(name));
}

/** The variables of two axes that are factors of products, also turned round or cast. */
function matrices(graph: ImportedGraph): string[] {
  const behind = weightsBehind(graph);
  const factors = graph.nodes.filter(({ opType }) => PRODUCTS.has(opType)).flatMap(({ inputs }) => inputs.slice(0, 2));
  const single = factors.flatMap((name) => (behind.get(name)?.length === 1 ? behind.get(name)! : []));
  return [...new Set(single)].filter((name) => graph.stored.get(name)!.shape.length === 2);
}
