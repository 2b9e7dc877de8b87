import { NacreError } from "../../error.js";
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto } from "../proto.js";

/** Functions within functions: enough for real files, and an end for those that call themselves. */
const MAX_DEPTH = 32;

/** What calls may grow to: more than real models have. */
const MAX_NODES = 100_000;

/** The model's graph with calls of its functions replaced by their nodes. @throws BAD_FILE when they call each other without end */
export function inlineFunctions(model: ModelProto): GraphProto {
  if (model.functions === undefined) return model.graph;
  const functions = new Map(model.functions.map((fn) => [`${fn.domain}.${fn.name}`, fn]));
  const inliner = new Inliner(functions);
  return { ...model.graph, nodes: model.graph.nodes.flatMap((node) => inliner.expand(node, 0)) };
}

class Inliner {
  readonly #functions: ReadonlyMap<string, FunctionProto>;
  #calls = 0;
  #nodes = 0;

  constructor(functions: ReadonlyMap<string, FunctionProto>) {
    this.#functions = functions;
  }

  expand(node: NodeProto, depth: number): readonly NodeProto[] {
    const fn = this.#functions.get(`${node.domain}.${node.opType}`);
    if (++this.#nodes > MAX_NODES || depth > MAX_DEPTH) throw endless(node);
    if (fn === undefined) return [node];
    const prefix = `${node.name === "" ? fn.name : node.name}#${this.#calls++}/`;
    const names = new Map<string, string>([["", ""]]);
    fn.inputs.forEach((name, i) => names.set(name, node.inputs[i] ?? ""));
    fn.outputs.forEach((name, i) => names.set(name, node.outputs[i] === undefined || node.outputs[i] === "" ? prefix + name : node.outputs[i]));
    const given = new Map([...fn.defaults, ...node.attributes].map((attribute) => [attribute.name, attribute]));
    return fn.nodes.flatMap((inner) => this.expand(rewritten(inner, prefix, names, given), depth + 1));
  }
}

type Names = Map<string, string>;

function rewritten(node: NodeProto, prefix: string, names: Names, given: ReadonlyMap<string, AttributeProto>): NodeProto {
  const now = (name: string): string => names.get(name) ?? prefix + name;
  return {
    ...node,
    name: prefix + node.name,
    inputs: node.inputs.map(now),
    outputs: node.outputs.map(now),
    attributes: node.attributes.flatMap((attribute): AttributeProto[] => {
      if (attribute.type === "graph") return [{ ...attribute, value: rewrittenGraph(attribute.value, prefix, names, given) }];
      if (attribute.type !== "reference") return [attribute];
      const value = given.get(attribute.value);
      return value === undefined ? [] : [{ ...value, name: attribute.name }];
    }),
  };
}

function rewrittenGraph(graph: GraphProto, prefix: string, names: Names, given: ReadonlyMap<string, AttributeProto>): GraphProto {
  const port = <T extends { readonly name: string }>(value: T): T => ({ ...value, name: names.get(value.name) ?? prefix + value.name });
  return {
    ...graph,
    nodes: graph.nodes.map((node) => rewritten(node, prefix, names, given)),
    initializers: graph.initializers.map(port),
    inputs: graph.inputs.map(port),
    outputs: graph.outputs.map(port),
  };
}

function endless(node: NodeProto): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: `ONNX function ${node.opType}`,
    expected: "functions that end",
    received: `one that calls itself, or more than ${MAX_NODES} nodes`,
    fix: "the file is damaged or hostile; take it from somebody you trust",
  });
}
