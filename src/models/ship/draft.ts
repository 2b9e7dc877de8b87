import { type AttributeProto, type GraphProto, type NodeProto, type TensorProto, type ValueInfo, elementsOf, elementType } from "../../onnx/proto.js";
import type { DType, TypedArray } from "../../tensor/dtype.js";

/** An ONNX graph that is being rewritten. Nodes may be added in any order; `finish` sorts them. */
export class Draft {
  nodes: NodeProto[];
  readonly initializers: Map<string, TensorProto>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** The weight that a stored value was computed from, where it is not the weight itself. */
  readonly origins = new Map<string, string>();
  readonly #name: string;
  readonly #taken: Set<string>;

  constructor(graph: GraphProto) {
    this.nodes = [...graph.nodes];
    this.initializers = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
    [this.inputs, this.outputs, this.#name] = [graph.inputs, graph.outputs, graph.name];
    this.#taken = new Set([...graph.nodes.flatMap(({ outputs }) => outputs), ...this.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
    for (const inner of graph.nodes.flatMap(graphsIn)) for (const node of inner.nodes) node.outputs.forEach((name) => this.#taken.add(name));
  }

  /** A name that nothing has yet. */
  fresh(hint: string): string {
    let name = hint;
    for (let i = 1; this.#taken.has(name); i++) name = `${hint}_${i}`;
    this.#taken.add(name);
    return name;
  }

  /** Stores a value; gives its name. */
  store(hint: string, data: TypedArray, shape: readonly number[], dtype: DType): string {
    const name = this.fresh(hint);
    this.initializers.set(name, { name, dtype, shape, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
    return name;
  }

  /** Adds a node with one output; gives its name. */
  add(opType: string, inputs: readonly string[], attributes: Attributes = {}, output = this.fresh(`${inputs[0]!}/${opType}`)): string {
    this.addNode(opType, inputs, [output], attributes);
    return output;
  }

  /** Adds a node of the standard set, without a name of its own: that of its output tells as much. */
  addNode(opType: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes = {}): void {
    this.nodes.push({ name: "", opType, domain: "", inputs, outputs, attributes: attributesOf(attributes) });
  }

  /** The elements of a stored float32 tensor, copied; undefined for all else. */
  floats(name: string): Float32Array | undefined {
    return this.isFloat(name) ? floatsOf(this.initializers.get(name)!) : undefined;
  }

  /** Whether a name is that of a stored float32 tensor. */
  isFloat(name: string): boolean {
    return this.initializers.get(name)?.dtype === "float32";
  }

  isPort(name: string): boolean {
    return this.outputs.some((output) => output.name === name);
  }

  /** The node that computes each value. */
  producers(): Map<string, NodeProto> {
    return new Map(this.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  }

  /** The nodes that read each value, those with graphs that read it inside among them. */
  consumers(): Map<string, NodeProto[]> {
    const found = new Map<string, NodeProto[]>();
    for (const node of this.nodes) {
      for (const name of readBy(node)) {
        const list = found.get(name);
        if (list === undefined) found.set(name, [node]);
        else list.push(node);
      }
    }
    return found;
  }

  /** Puts nodes in the place of others. */
  replace(old: ReadonlyMap<NodeProto, readonly NodeProto[]>): void {
    this.nodes = this.nodes.flatMap((node) => old.get(node) ?? [node]);
  }

  /** Sorts the nodes, and forgets what no output needs. */
  prune(): void {
    const { nodes, initializers } = this.finish();
    this.nodes = [...nodes];
    const used = new Set(initializers);
    for (const [name, tensor] of this.initializers) if (!used.has(tensor)) this.initializers.delete(name);
  }

  /** The graph: nodes in an order that runs, and nothing that no output needs. */
  finish(): GraphProto {
    const producers = this.producers();
    const [order, seen, used] = [[] as NodeProto[], new Set<NodeProto>(), new Set<string>()];
    // An explicit stack: unrolled recurrent nets are deeper than calls may be.
    const stack: { readonly node: NodeProto; readonly names: readonly string[]; next: number }[] = [];
    const push = (name: string): void => {
      used.add(name);
      const node = producers.get(name);
      if (node === undefined || seen.has(node)) return;
      seen.add(node);
      stack.push({ node, names: [...readBy(node)], next: 0 });
    };
    for (const { name } of this.outputs) {
      push(name);
      while (stack.length > 0) {
        const top = stack.at(-1)!;
        const name = top.names[top.next++];
        if (name !== undefined) push(name);
        else order.push(stack.pop()!.node);
      }
    }
    const initializers = [...this.initializers.values()].filter(({ name }) => used.has(name));
    return { name: this.#name, nodes: order, initializers, inputs: this.inputs, outputs: this.outputs };
  }
}

/** Attributes as values: whole numbers and lists of them. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>;

function attributesOf(attributes: Attributes): AttributeProto[] {
  return Object.entries(attributes).map(([name, value]) => (typeof value === "number" ? { name, type: "int", value } : { name, type: "ints", value }));
}

/** A list of whole numbers among a node's attributes. */
export function intsOf(node: NodeProto, name: string): readonly number[] | undefined {
  const found = node.attributes.find((attribute) => attribute.name === name);
  return found?.type === "ints" ? found.value : undefined;
}

/** The elements of a float32 tensor, copied. */
export function floatsOf({ data, shape }: TensorProto): Float32Array {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return new Float32Array(elementsOf(data, elementType("float32"), size).slice().buffer);
}

/** All values that a node needs. */
export function readBy(node: NodeProto): Set<string> {
  const names = new Set(node.inputs.filter((name) => name !== ""));
  for (const graph of graphsIn(node)) {
    for (const inner of graph.nodes) readBy(inner).forEach((name) => names.add(name));
    graph.outputs.forEach(({ name }) => names.add(name));
  }
  return names;
}

function graphsIn(node: NodeProto): GraphProto[] {
  return node.attributes.flatMap((attribute) => (attribute.type === "graph" ? [attribute.value] : []));
}
