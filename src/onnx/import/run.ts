import { NacreError } from "../../error.js";
import { nodesOf } from "../../graph/graph.js";
import { type Spec, withScope } from "../../graph/node.js";
import type { Dim } from "../../tensor/dim.js";
import type { Shape } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import type { GraphProto, NodeProto, ValueInfo } from "../proto.js";
import { Call, NotConstant, type Outputs, type RunContext, whereOf } from "./call.js";
import { fold } from "./fold.js";
import { arrayFrom } from "./initializer.js";
import { capturedNames, opaque } from "./opaque.js";
import type { ImportedGraph } from "./prepare.js";
import { RULES } from "./rules.js";
import { carriedSpecs } from "./specs.js";
import { symbolName } from "./symbols.js";
import { Value } from "./value.js";

/** How many elements a run computes on the host: enough for the shapes of the largest models, and soon done. */
const FOLDED_IN_ALL = 1e6;

/** What a run asks of whoever starts it. */
export interface RunOptions {
  readonly training: boolean;
  readonly weight: (name: string) => Tensor;
  readonly key: () => Tensor;
  readonly update: (name: string, value: Tensor) => void;
  /** Whether a variable is kept from training. Default: none is. */
  readonly frozen?: (name: string) => boolean;
  /** Told of stored tensors that are statistics. */
  readonly statistic?: (name: string) => void;
  /** Told of every value. */
  readonly observe?: (name: string, value: Value) => void;
  /** The shapes of values that free dimensions leave open, found by other means. */
  readonly found?: (name: string) => Spec | undefined;
}

/** Builds what an imported graph computes, out of our ops. */
export class Run implements RunContext {
  readonly training: boolean;
  readonly #graph: ImportedGraph;
  readonly #options: RunOptions;
  readonly #weights = new Map<Tensor, string>();
  /** What the file's names of free dimensions stand for in this run. */
  readonly #bound = new Map<string, Dim>();
  #scope: Scope = new Scope();
  #foldable = FOLDED_IN_ALL;

  constructor(graph: ImportedGraph, options: RunOptions) {
    this.#graph = graph;
    this.#options = options;
    this.training = options.training;
  }

  /** @throws UNSUPPORTED, BAD_FILE, SHAPE_MISMATCH naming the node */
  execute(inputs: readonly Tensor[]): Tensor[] {
    this.#graph.inputs.forEach(({ name, shape }, i) => {
      const tensor = inputs[i]!;
      shape.forEach((dim, axis) => {
        if (typeof dim === "string") this.#bound.set(dim, tensor.shape[axis]!);
      });
      this.#set(name, Value.of(tensor));
    });
    for (const [name, value] of this.#graph.constants) this.#set(name, value);
    for (const name of this.#graph.variables) {
      const tensor = this.#options.weight(name);
      this.#weights.set(tensor, name);
      this.#set(name, Value.of(tensor));
    }
    for (const node of this.#graph.nodes) this.#evaluate(node);
    return this.#graph.outputs.map(({ name }) => this.#get(name, "ONNX graph").tensor);
  }

  mayFold(elements: number): boolean {
    this.#foldable -= elements;
    return this.#foldable >= 0;
  }

  version(domain: string): number {
    return this.#graph.versions.get(domain) ?? 1;
  }

  key(): Tensor {
    return this.#options.key();
  }

  update(input: string, value: Tensor): void {
    if (this.#graph.variables.has(input)) this.#options.update(input, value);
  }

  frozen(input: string): boolean {
    return this.#graph.variables.has(input) && this.#options.frozen?.(input) === true;
  }

  statistic(input: string): void {
    if (this.#graph.variables.has(input)) this.#options.statistic?.(input);
  }

  used(output: string): boolean {
    return this.#graph.used.has(output);
  }

  inline(graph: GraphProto, inputs: readonly Value[]): Value[] {
    const outer = this.#scope;
    this.#scope = new Scope(outer);
    try {
      graph.inputs.forEach(({ name }, i) => this.#set(name, inputs[i]!));
      for (const tensor of graph.initializers) this.#set(tensor.name, Value.data(arrayFrom(tensor), tensor.dtype, tensor.shape));
      for (const node of graph.nodes) {
        const [attribute] = node.attributes;
        if (node.opType === "Constant" && attribute?.type === "tensor") {
          this.#set(node.outputs[0]!, Value.data(arrayFrom(attribute.value), attribute.value.dtype, attribute.value.shape));
        } else this.#evaluate(node);
      }
      return graph.outputs.map(({ name }) => this.#get(name, "graph in an ONNX node"));
    } finally {
      this.#scope = outer;
    }
  }

  /** The names of the weights that a value follows from, if it follows from nothing else. */
  weightsOf(value: Value): string[] | undefined {
    const leaves = new Set<Tensor>();
    for (const { inputs } of nodesOf([value.tensor])) inputs.forEach((input) => leaves.add(input));
    leaves.add(value.tensor);
    const open = [...leaves].filter((leaf) => leaf.producer === undefined && leaf.value === undefined);
    const names = open.map((leaf) => this.#weights.get(leaf));
    return open.length === 0 || names.includes(undefined) ? undefined : (names as string[]);
  }

  #evaluate(node: NodeProto): void {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.#get(name, whereOf(node))));
    const call = new Call(node, inputs, this);
    const values = withScope(node.name === "" ? node.opType : node.name, () => this.#outputsOf(call));
    node.outputs.forEach((name, i) => {
      const value = values[i];
      if (name !== "" && value !== undefined) this.#set(name, value);
    });
  }

  #outputsOf(call: Call): readonly (Value | undefined)[] {
    try {
      const known = fold(call);
      if (known !== undefined) return known;
      const rule = RULES.get(`${call.node.domain}.${call.node.opType}`);
      return rule === undefined ? this.#carried(call) : (valuesOf(rule(call)) ?? this.#carried(call));
    } catch (error) {
      if (!(error instanceof NacreError)) throw error;
      const specs = error instanceof NotConstant && this.weightsOf(error.value) !== undefined ? undefined : this.#otherwise(call, error);
      if (specs !== undefined) return this.#carried(call, specs);
      throw located(call, error);
    }
  }

  /**
   * The outputs of a node whose rule failed on what the node itself can do: with sizes that are free,
   * or known only while running.
   */
  #otherwise(call: Call, error: NacreError): readonly Spec[] | undefined {
    const found = isFree(call) && error.where !== "model file" ? this.#found(call.node) : undefined;
    if (found !== undefined) return found;
    if (!(error instanceof NotConstant)) return undefined;
    return quietly(() => carriedSpecs(call)) ?? quietly(() => this.#declared(call));
  }

  /** The node as it is, for which we have no rule. */
  #carried(call: Call, specs = this.#found(call.node) ?? quietly(() => carriedSpecs(call)) ?? this.#declared(call)): Value[] {
    const { node } = call;
    const captured = new Set(node.attributes.flatMap((attribute) => (attribute.type === "graph" ? [...capturedNames(attribute.value)] : [])));
    const outputs = opaque({
      node,
      version: this.version(node.domain),
      inputs: call.inputs.map((input) => input?.tensor),
      captured: new Map([...captured].map((name) => [name, this.#get(name, call.where).tensor])),
      outputs: specs,
    });
    return outputs.map((output) => Value.of(output));
  }

  #found(node: NodeProto): Spec[] | undefined {
    const specs = node.outputs.map((name) => (name === "" ? { shape: [], dtype: "float32" as const } : this.#options.found?.(name)));
    return specs.includes(undefined) ? undefined : (specs as Spec[]);
  }

  /** What the file says of a node's outputs. */
  #declared(call: Call): Spec[] {
    return call.node.outputs.map((name, i) => {
      if (name === "") return { shape: [], dtype: "float32" };
      const info = this.#graph.declared.get(name);
      if (info?.shape !== undefined) return { dtype: info.dtype, shape: this.#shapeOf(info) };
      throw new NacreError({
        code: "UNSUPPORTED",
        where: call.where,
        expected: "an operator that is known here, or one whose outputs' shapes the file tells",
        received: `output ${i}, of which it tells nothing`,
        fix: "run onnx.shape_inference.infer_shapes on the file first",
      });
    });
  }

  #shapeOf(info: ValueInfo): Shape {
    return info.shape!.map((dim) => {
      if (typeof dim === "number") return dim;
      const name = this.#graph.symbols.get(dim) ?? symbolName(dim);
      return this.#bound.get(name) ?? name;
    });
  }

  #set(name: string, value: Value): void {
    this.#scope.values.set(name, value);
    if (value.list === undefined) this.#options.observe?.(name, value);
  }

  #get(name: string, where: string): Value {
    const value = this.#scope.get(name);
    if (value !== undefined) return value;
    throw new NacreError({
      code: "BAD_FILE",
      where,
      expected: "inputs that the graph makes or holds",
      received: `"${name}"`,
      fix: "the file is damaged or was made wrong; export it again",
    });
  }
}

/** Values by name, those of the graph around included. */
class Scope {
  readonly values = new Map<string, Value>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  get(name: string): Value | undefined {
    return this.values.get(name) ?? this.#outer?.get(name);
  }
}

function valuesOf(outputs: Outputs): readonly (Value | undefined)[] | undefined {
  if (outputs === undefined) return undefined;
  const list = Array.isArray(outputs) ? (outputs as readonly (Tensor | Value | undefined)[]) : [outputs as Tensor | Value];
  return list.map((output) => (output instanceof Tensor ? Value.of(output) : output));
}

function isFree(call: Call): boolean {
  return call.inputs.some((input) => input?.shape.some((dim) => typeof dim === "string") || input?.items?.some((item) => typeof item === "string"));
}

/** What a function gives, or nothing where it refuses: an earlier refusal says more. */
function quietly<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof NacreError) return undefined;
    throw error;
  }
}

/** The error with the node in front. */
function located(call: Call, error: NacreError): NacreError {
  if (error.where.includes(call.where) || error.where === "model file") return error;
  const { code, expected, received, fix } = error;
  return new NacreError({ code, where: `${call.where}, ${error.where}`, expected, received, ...(fix === undefined ? {} : { fix }), cause: error });
}
