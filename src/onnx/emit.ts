import { NacreError } from "../error.js";
import type { Graph } from "../graph/graph.js";
import type { LoweringBuilder, OnnxAttribute, OnnxAttributes, OnnxValue } from "../graph/lowering.js";
import type { Operands } from "../graph/op.js";
import { dimTerms } from "../tensor/dim.js";
import { type DType, type TypedArray, arrayOf } from "../tensor/dtype.js";
import { type Shape, isConcrete } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfo,
  elementType,
} from "./proto.js";

/** The operator set that lowerings are written for; ONNX Runtime 1.30 knows all of it. */
export const OPSET = 21;
const IR_VERSION = 10;

/** Constants up to this many bytes are compared, so that equal ones are stored once. */
const DEDUPLICATE_BYTES = 256;

/** Names of ports, and what a written model says of itself. */
export interface EmitOptions {
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  readonly graphName?: string;
  /** Whether nodes are named after the layers that made them. Default false: equal programs are equal bytes whatever layers are called. */
  readonly scopes?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Values stored in the file, by the graph input that they replace. */
  readonly initializers?: ReadonlyMap<Tensor, { readonly name: string; readonly data: TypedArray }>;
}

/** Writes a graph as an ONNX model, each node by its op's standard lowering. */
export function emitModel(graph: Graph, options: EmitOptions = {}): ModelProto {
  const stored = [...(options.initializers?.values() ?? [])].map(({ name }) => name);
  const emitter = new Emitter(new Set([...(options.inputNames ?? []), ...(options.outputNames ?? []), ...stored]));
  const inputs: ValueInfo[] = [];
  graph.inputs.forEach((input, i) => {
    const stored = options.initializers?.get(input);
    if (stored !== undefined) {
      emitter.bind(input, emitter.initializer(stored.name, stored.data, input));
      return;
    }
    const name = options.inputNames?.[i] ?? `i${i}`;
    emitter.bind(input, name as OnnxValue);
    emitter.noteSymbols(input.shape, name);
    inputs.push({ name, dtype: input.dtype, shape: [...input.shape] });
  });
  for (const node of graph.nodes) {
    if (options.scopes === true && node.scope !== "") emitter.prefix = `${node.scope}/`;
    const operands = node.inputs.map((input) => emitter.nameOf(input)) as unknown as Operands<OnnxValue>;
    const lowered = node.op.lower(emitter, operands, {
      inputs: node.inputs as Operands<Tensor>,
      outputs: node.outputs as Operands<Tensor>,
      attrs: node.attrs,
    });
    const names = Array.isArray(lowered) ? (lowered as readonly OnnxValue[]) : [lowered as OnnxValue];
    node.outputs.forEach((output, i) => emitter.bind(output, names[i]!));
    emitter.prefix = "";
  }
  const outputs = graph.outputs.map((output, i): ValueInfo => {
    const name = options.outputNames?.[i] ?? `o${i}`;
    // A port needs a name of its own, also where it is an input or a second view of one value.
    emitter.rename(emitter.nameOf(output), name);
    return { name, dtype: output.dtype, shape: [...output.shape] };
  });
  return {
    irVersion: IR_VERSION,
    opsetImports: emitter.opsets(),
    producerName: "nacre",
    producerVersion: "0.1.0",
    metadata: { ...options.metadata },
    graph: emitter.finish(options.graphName ?? "nacre", inputs, outputs),
  };
}

class Emitter implements LoweringBuilder {
  readonly #names = new Map<Tensor, OnnxValue>();
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #constants = new Map<string, OnnxValue>();
  readonly #versions = new Map<string, number>([["", OPSET]]);
  readonly #symbols = new Map<string, { input: string; axis: number }>();
  /** What reshaped values were made of, and these by source and shape. */
  readonly #reshaped = new Map<OnnxValue, { readonly source: OnnxValue; readonly shape: readonly number[] }>();
  readonly #views = new Map<string, OnnxValue>();
  readonly #reserved: ReadonlySet<string>;
  /** What names of nodes begin with. */
  prefix = "";
  #counter = 0;

  /** `reserved` are names that no value between the ports may get. */
  constructor(reserved: ReadonlySet<string>) {
    this.#reserved = reserved;
  }

  bind(tensor: Tensor, name: OnnxValue): void {
    this.#names.set(tensor, name);
  }

  nameOf(tensor: Tensor): OnnxValue {
    const name = this.#names.get(tensor);
    if (name !== undefined) return name;
    throw new NacreError({
      code: "TRACED_VALUE",
      where: "program",
      expected: "tensors that are inputs of the program or computed from them",
      received: tensor.toString(),
      fix: "a tensor made inside one traced function cannot be used in another; return it instead",
    });
  }

  /** Remembers which axis of which input tells the value of a free dimension. */
  noteSymbols(shape: Shape, input: string): void {
    shape.forEach((dim, axis) => {
      if (typeof dim === "string" && !this.#symbols.has(dim)) this.#symbols.set(dim, { input, axis });
    });
  }

  node(type: string, inputs: readonly (OnnxValue | null)[], attributes?: OnnxAttributes, domain?: string): OnnxValue {
    return this.nodes(type, inputs, 1, attributes, domain)[0]!;
  }

  nodes(
    type: string,
    inputs: readonly (OnnxValue | null)[],
    outputCount: number,
    attributes: OnnxAttributes = {},
    domain = "",
  ): OnnxValue[] {
    const outputs = Array.from({ length: outputCount }, () => this.#fresh());
    this.requires(domain, 1);
    this.#nodes.push({
      name: `${this.prefix}${type}_${this.#nodes.length}`,
      opType: type,
      domain,
      inputs: inputs.map((input) => input ?? ""),
      outputs,
      attributes: Object.entries(attributes).flatMap(([name, value]) =>
        value === undefined ? [] : [attributeProto(name, value)],
      ),
    });
    return outputs;
  }

  reshape(value: OnnxValue, from: readonly number[], to: readonly number[]): OnnxValue {
    const { source, shape } = this.#reshaped.get(value) ?? { source: value, shape: from };
    if (shape.join() === to.join()) return source;
    const key = `${source} ${to.join()}`;
    let made = this.#views.get(key);
    if (made === undefined) {
      made = this.node("Reshape", [source, this.int64s(to)], { allowzero: 1 });
      this.#views.set(key, made);
      this.#reshaped.set(made, { source, shape });
    }
    return made;
  }

  constant(data: TypedArray, shape: readonly number[], dtype: DType): OnnxValue {
    if (data.byteLength > DEDUPLICATE_BYTES) return this.initializer(this.#fresh(), data, { shape, dtype });
    const key = `${dtype}[${shape.join()}]${[...data].map((v) => (Object.is(v, -0) ? "-0" : v)).join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(this.#fresh(), data, { shape, dtype });
    this.#constants.set(key, name);
    return name;
  }

  initializer(name: string, data: TypedArray, spec: { shape: Shape; dtype: DType }): OnnxValue {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push({ name, dtype: spec.dtype, shape: spec.shape as readonly number[], data: bytes });
    return name as OnnxValue;
  }

  scalar(value: number, dtype: DType): OnnxValue {
    return this.constant(arrayOf(dtype, [value]), [], dtype);
  }

  int64s(values: readonly number[]): OnnxValue {
    return this.constant(arrayOf("int64", values), [values.length], "int64");
  }

  shape(dims: Shape): OnnxValue {
    if (isConcrete(dims)) return this.int64s(dims);
    const parts = dims.map((dim) => {
      const terms = dimTerms(dim).map(({ coefficient, symbols }) =>
        symbols.reduce<OnnxValue>((product, symbol) => this.node("Mul", [product, this.#symbol(symbol)]), this.int64s([coefficient])),
      );
      return terms.length === 0 ? this.int64s([0]) : terms.reduce((a, b) => this.node("Add", [a, b]));
    });
    return this.node("Concat", parts, { axis: 0 });
  }

  cast(value: OnnxValue, to: DType): OnnxValue {
    return this.node("Cast", [value], { to: elementType(to) });
  }

  rename(value: OnnxValue, name: string): void {
    this.#nodes.push({ name, opType: "Identity", domain: "", inputs: [value], outputs: [name], attributes: [] });
  }

  requires(domain: string, version: number): void {
    this.#versions.set(domain, Math.max(version, this.#versions.get(domain) ?? 1));
  }

  opsets(): { domain: string; version: number }[] {
    return [...this.#versions].map(([domain, version]) => ({ domain, version }));
  }

  finish(name: string, inputs: ValueInfo[], outputs: ValueInfo[]): GraphProto {
    return { name, nodes: foldIdentities(withoutUnusedViews(this.#nodes), outputs), initializers: this.#initializers, inputs, outputs };
  }

  #symbol(symbol: string): OnnxValue {
    const source = this.#symbols.get(symbol);
    if (source === undefined) {
      throw new NacreError({
        code: "SHAPE_MISMATCH",
        where: "program",
        expected: `an input whose shape holds the free dimension "${symbol}"`,
        received: "none",
        fix: "give this axis a size",
      });
    }
    return this.node("Shape", [source.input as OnnxValue], { start: source.axis, end: source.axis + 1 });
  }

  #fresh(): OnnxValue {
    let name = `v${this.#counter++}`;
    while (this.#reserved.has(name)) name = `v${this.#counter++}`;
    return name as OnnxValue;
  }
}

/** An attribute as the file stores it: whole numbers are INT, `{ float }` is FLOAT. */
function attributeProto(name: string, value: OnnxAttribute): AttributeProto {
  if (typeof value === "number") return { name, type: "int", value };
  if (typeof value === "string") return { name, type: "string", value };
  if ("stored" in value) return value.stored as AttributeProto;
  if ("float" in value) return { name, type: "float", value: value.float };
  return "floats" in value ? { name, type: "floats", value: value.floats } : { name, type: "ints", value };
}

/** Without reshaped values that are not used, as those who would have used them see their source. */
function withoutUnusedViews(nodes: readonly NodeProto[]): NodeProto[] {
  const used = new Set<string>();
  const kept = nodes.toReversed().filter(({ opType, inputs, outputs }) => {
    if (opType === "Reshape" && !used.has(outputs[0]!)) return false;
    for (const input of inputs) used.add(input);
    return true;
  });
  return kept.toReversed();
}

/** Lets a node write to a port directly where the only thing between them is an Identity. */
function foldIdentities(nodes: readonly NodeProto[], outputs: readonly ValueInfo[]): NodeProto[] {
  const ports = new Set(outputs.map((output) => output.name));
  const produced = new Set(nodes.filter((node) => node.opType !== "Identity").flatMap((node) => node.outputs));
  const alias = new Map<string, string>();
  const kept = nodes.filter((node) => {
    const [source, target] = [node.inputs[0]!, node.outputs[0]!];
    if (node.opType !== "Identity" || !ports.has(target) || !produced.has(source) || alias.has(source)) return true;
    alias.set(source, target);
    return false;
  });
  if (alias.size === 0) return kept;
  const swap = (name: string): string => alias.get(name) ?? name;
  return kept.map((node) => ({ ...node, inputs: node.inputs.map(swap), outputs: node.outputs.map(swap) }));
}
