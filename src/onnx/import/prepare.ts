import { NacreError } from "../../error.js";
import type { Dim } from "../../tensor/dim.js";
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfo } from "../proto.js";
import { whereOf } from "./call.js";
import { inlineFunctions } from "./functions.js";
import { arrayFrom } from "./initializer.js";
import { capturedNames } from "./opaque.js";
import { symbolName } from "./symbols.js";
import { Value } from "./value.js";

/** A graph from a file, checked and in an order that runs. */
export interface ImportedGraph {
  readonly name: string;
  /** By domain. */
  readonly versions: ReadonlyMap<string, number>;
  readonly inputs: readonly (ValueInfo & { readonly shape: readonly Dim[] })[];
  /** What the file's names of free dimensions are called here. */
  readonly symbols: ReadonlyMap<string, string>;
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly NodeProto[];
  readonly stored: ReadonlyMap<string, TensorProto>;
  /** Stored tensors that are no variables, and what Constant nodes hold. */
  readonly constants: ReadonlyMap<string, Value>;
  readonly variables: ReadonlySet<string>;
  /** What the file says of values, by name. */
  readonly declared: ReadonlyMap<string, ValueInfo>;
  /** Values that somebody reads. */
  readonly used: ReadonlySet<string>;
}

/** Versions of the standard set of operators that the rules know. */
const VERSIONS = { lowest: 7, highest: 26 };

/**
 * Checks a graph and puts its nodes in order. Stored tensors named in `variables` stay open.
 *
 * @throws BAD_FILE when values are missing, made twice, or depend on themselves
 */
export function prepare(model: ModelProto, variables: ReadonlySet<string>): ImportedGraph {
  const graph = inlineFunctions(model);
  const versions = new Map(model.opsetImports.map(({ domain, version }) => [domain === "ai.onnx" ? "" : domain, version]));
  checkVersion(versions.get("") ?? VERSIONS.lowest);
  const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  if (stored.size !== graph.initializers.length) throw broken("ONNX graph", "stored tensors with different names", "two of one name");
  const inputs = graph.inputs.filter(({ name }) => !stored.has(name));
  const nodes = ordered(graph, new Set([...stored.keys(), ...inputs.map(({ name }) => name)]));
  const constants = new Map<string, Value>();
  for (const [name, tensor] of stored) if (!variables.has(name)) constants.set(name, constantOf(tensor));
  const rest = nodes.filter((node) => {
    const attribute = node.attributes[0];
    const isConstant = node.opType === "Constant" && node.domain === "" && attribute?.type === "tensor";
    if (isConstant) constants.set(node.outputs[0]!, constantOf(attribute.value));
    return !isConstant;
  });
  const symbols = new Map<string, string>();
  return {
    name: graph.name,
    versions,
    inputs: namedDims(inputs, symbols),
    symbols,
    outputs: graph.outputs,
    nodes: rest,
    stored,
    constants,
    variables,
    declared: new Map([...(graph.values ?? []), ...graph.outputs].map((info) => [info.name, info])),
    used: usedNames(graph),
  };
}

function constantOf(tensor: TensorProto): Value {
  return Value.data(arrayFrom(tensor), tensor.dtype, tensor.shape);
}

/** Inputs with free dimensions of names that polynomials can hold; that of the first axis is called batch. */
function namedDims(inputs: readonly ValueInfo[], names: Map<string, string>): ImportedGraph["inputs"] {
  const first = inputs[0]?.shape?.[0];
  if (typeof first === "string") names.set(first, "batch");
  const symbol = (dim: string): string => {
    const known = names.get(dim);
    if (known !== undefined) return known;
    let name = symbolName(dim);
    while ([...names.values()].includes(name)) name += "_";
    names.set(dim, name);
    return name;
  };
  return inputs.map((input) => {
    if (input.shape === undefined) {
      throw new NacreError({
        code: "UNSUPPORTED",
        where: `ONNX input "${input.name}"`,
        expected: "a known number of axes",
        received: "an input of any shape",
        fix: "export the model with shapes; dimensions may be free",
      });
    }
    return { ...input, shape: input.shape.map((dim) => (typeof dim === "string" ? symbol(dim) : dim)) };
  });
}

/** The nodes, each after those whose outputs it reads. */
function ordered(graph: GraphProto, known: ReadonlySet<string>): NodeProto[] {
  const makers = new Map<string, NodeProto>();
  for (const node of graph.nodes) {
    for (const output of node.outputs.filter((name) => name !== "")) {
      if (makers.has(output) || known.has(output)) throw broken(whereOf(node), "outputs that nothing else makes", `"${output}" a second time`);
      makers.set(output, node);
    }
  }
  const order: NodeProto[] = [];
  const state = new Map<NodeProto, "open" | "done">();
  // An explicit stack: a file may hold a chain of a million nodes.
  const visit = (start: NodeProto): void => {
    const stack: { readonly node: NodeProto; readonly needs: readonly string[]; next: number }[] = [];
    const push = (node: NodeProto): void => {
      if (state.get(node) === "done") return;
      if (state.get(node) === "open") throw broken(whereOf(node), "a graph without cycles", "a node that needs its own output");
      state.set(node, "open");
      stack.push({ node, needs: needsOf(node), next: 0 });
    };
    push(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const name = top.needs[top.next++];
      if (name === undefined) {
        order.push(top.node);
        state.set(top.node, "done");
        stack.pop();
        continue;
      }
      const maker = makers.get(name);
      if (maker !== undefined) push(maker);
      else if (!known.has(name)) throw broken(whereOf(top.node), "inputs that the graph makes or holds", `"${name}", which nothing makes`);
    }
  };
  graph.nodes.forEach(visit);
  for (const { name } of graph.outputs) {
    if (!makers.has(name) && !known.has(name)) throw broken(`ONNX output "${name}"`, "a value that a node makes", "none");
  }
  return order;
}

/** The values that a node reads, those of the graphs inside it too. */
export function needsOf(node: NodeProto): string[] {
  const inner = node.attributes.flatMap((attribute) => (attribute.type === "graph" ? [...capturedNames(attribute.value)] : []));
  return [...node.inputs.filter((name) => name !== ""), ...inner];
}

function usedNames(graph: GraphProto): Set<string> {
  return new Set([...graph.nodes.flatMap(needsOf), ...graph.outputs.map(({ name }) => name)]);
}

function checkVersion(version: number): void {
  if (version >= VERSIONS.lowest && version <= VERSIONS.highest) return;
  throw new NacreError({
    code: "UNSUPPORTED",
    where: "ONNX model",
    expected: `a standard set of operators of version ${VERSIONS.lowest} to ${VERSIONS.highest}`,
    received: String(version),
    fix: "convert the file with onnx.version_converter, or export it with opset 17",
  });
}

function broken(where: string, expected: string, received: string): NacreError {
  return new NacreError({ code: "BAD_FILE", where, expected, received, fix: "the file is damaged or was made wrong; export it again" });
}
