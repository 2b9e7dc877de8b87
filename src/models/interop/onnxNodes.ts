import { placeholder } from "../../graph/graph.js";
import { type Node, withinAllowance } from "../../graph/node.js";
import type { LayerCall, SymbolicTensor } from "../../layers/symbolic.js";
import type { Variable } from "../../layers/variable.js";
import type { ImportedGraph } from "../../onnx/import/prepare.js";
import { Probe } from "../../onnx/import/probe.js";
import { Run } from "../../onnx/import/run.js";
import type { Value } from "../../onnx/import/value.js";
import type { NodeProto } from "../../onnx/proto.js";
import { bytesPerElement } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GraphItem } from "../graphItems.js";
import { atSomeSize, productsOf, sampleShape } from "../summaryCost.js";
import { shapeText, sizeOf } from "../summaryRows.js";
import { weightsBehind } from "./onnxInside.js";
import { type OnnxGraphConfig, graphOf, MAX_NODES } from "./onnxLayer.js";

/**
 * The nodes of an imported graph, in the order in which they run, with what they give to each other.
 * What is computed of shapes and weights alone is left out: the nodes that take a weight have its parameters.
 */
export function nodeItems(call: LayerCall, prefix: string): GraphItem[] {
  const { layer } = call;
  const graph = graphOf(layer.config as OnnxGraphConfig, layer.where);
  const symbolic = observed(graph, call.inputs);
  const { values, costs } = atSomeSize((size) => costsOf(graph, call.inputs.map((input) => ({ dtype: input.dtype, shape: sampleShape(input, size) }))));
  const behind = weightsBehind(graph);
  const variables = new Map(layer.variables.map((variable) => [variable.name, variable]));
  const trained = new Set(layer.trainableVariables);
  const keys = new Map<string, object>(graph.inputs.map((input, i) => [input.name, call.inputs[i]!]));
  const rowOf = new Map<string, string>();
  const seen = new Set<Variable>();
  const items: GraphItem[] = [];
  for (const node of graph.nodes) {
    const outputs = node.outputs.filter((output) => output !== "" && symbolic.has(output));
    if (outputs.every((output) => behind.has(output) || symbolic.get(output)!.known)) continue;
    const title = prefix + (node.name === "" ? outputs[0]! : node.name);
    const weights = [...new Set(node.inputs.flatMap((input) => behind.get(input) ?? []))].flatMap((weight) => variables.get(weight)?.withAdapter ?? []);
    const fresh = weights.filter((weight) => !seen.has(weight));
    weights.forEach((weight) => seen.add(weight));
    const from = node.inputs.filter((input) => keys.has(input));
    items.push({
      row: {
        name: title,
        className: node.domain === "" ? node.opType : `${node.domain}.${node.opType}`,
        outputShape: outputs.map((output) => shapeText(symbolic.get(output)!)).join(" "),
        parameters: sizeOf(fresh.length > 0 ? fresh : weights),
        trainable: sizeOf((fresh.length > 0 ? fresh : weights).filter((weight) => trained.has(weight))),
        shared: weights.length > 0 && fresh.length === 0,
        multiplyAdds: costs.get(node) ?? 0,
        activationBytes: outputs.reduce((bytes, output) => bytes + bytesOf(values.get(output)), 0),
        from: from.map((input) => rowOf.get(input) ?? input),
      },
      inputs: from.map((input) => keys.get(input)!),
      outputs: outputs.map((output) => {
        const place = graph.outputs.findIndex((port) => port.name === output);
        const key = call.outputs[place] ?? {};
        keys.set(output, key);
        rowOf.set(output, title);
        return key;
      }),
    });
  }
  return items;
}

/** The values of a graph, with free dimensions as they are. */
function observed(graph: ImportedGraph, inputs: readonly SymbolicTensor[]): Map<string, Value> {
  const tensors = inputs.map(({ shape, dtype }) => placeholder(shape, dtype, ""));
  const values = new Map<string, Value>();
  const probe = new Probe(graph, tensors, (name) => weightOf(graph, name));
  execute(graph, tensors, { observe: (name, value) => values.set(name, value), found: (name) => probe.find(name) });
  return values;
}

/** Multiply-adds by node, and the values, for inputs of some shapes. */
function costsOf(graph: ImportedGraph, inputs: readonly Pick<Tensor, "shape" | "dtype">[]): { values: Map<string, Value>; costs: Map<NodeProto, number> } {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const values = new Map<string, Value>();
  const costs = new Map<NodeProto, number>();
  const seen = new Set<Node>();
  const observe = (name: string, value: Value): void => {
    values.set(name, value);
    const maker = makers.get(name);
    if (maker !== undefined && !value.known) costs.set(maker, (costs.get(maker) ?? 0) + productsOf(value.tensor, seen));
  };
  execute(graph, inputs.map(({ shape, dtype }) => placeholder(shape, dtype, "")), { observe });
  return { values, costs };
}

function execute(graph: ImportedGraph, inputs: readonly Tensor[], options: Pick<ConstructorParameters<typeof Run>[1], "observe" | "found">): void {
  const run = new Run(graph, {
    training: false,
    weight: (name) => weightOf(graph, name),
    key: () => placeholder([2], "uint32", "key"),
    update: () => {},
    ...options,
  });
  withinAllowance(MAX_NODES, () => run.execute(inputs));
}

function weightOf(graph: ImportedGraph, name: string): Tensor {
  return placeholder(graph.stored.get(name)!.shape, "float32", name);
}

function bytesOf(value: Value | undefined): number {
  return value === undefined ? 0 : value.shape.reduce<number>((product, dim) => product * (typeof dim === "number" ? dim : 1), bytesPerElement(value.dtype));
}
