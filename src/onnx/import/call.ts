import { NacreError } from "../../error.js";
import type { Dim } from "../../tensor/dim.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { AttributeProto, GraphProto, NodeProto } from "../proto.js";
import { Value } from "./value.js";

/** What a rule may ask beyond its node. */
export interface RunContext {
  readonly training: boolean;
  /** The version of a set of operators that the file imports. */
  version(domain: string): number;
  /** A random key, fresh for each request. uint32 [2] */
  key(): Tensor;
  /** Gives a stored value that is not trained what it becomes after this step. */
  update(input: string, value: Tensor): void;
  /** Whether a stored value is kept from training, with all that belongs to it. */
  frozen(input: string): boolean;
  /** Marks a stored value as a statistic, which training does not change. */
  statistic(input: string): void;
  /** Runs a graph inside a node, which sees the values around it. */
  inline(graph: GraphProto, inputs: readonly Value[]): Value[];
  /** Whether so many more elements may be computed on the host. */
  mayFold(elements: number): boolean;
  /** Whether somebody reads a value. */
  used(output: string): boolean;
}

/** What a rule gives: the outputs in order; nothing where it has no way to say what the node does. */
export type Outputs = Tensor | Value | readonly (Tensor | Value | undefined)[] | undefined;

/** What an operator means in terms of our ops. */
export type Rule = (call: Call) => Outputs;

/** One node with the values of its inputs. */
export class Call {
  readonly node: NodeProto;
  readonly inputs: readonly (Value | undefined)[];
  readonly run: RunContext;
  readonly #attributes: ReadonlyMap<string, AttributeProto>;

  constructor(node: NodeProto, inputs: readonly (Value | undefined)[], run: RunContext) {
    this.node = node;
    this.inputs = inputs;
    this.run = run;
    this.#attributes = new Map(node.attributes.map((attribute) => [attribute.name, attribute]));
  }

  get version(): number {
    return this.run.version(this.node.domain);
  }

  /** What errors call the node. */
  get where(): string {
    return whereOf(this.node);
  }

  /** @throws BAD_FILE when the node does not have this input */
  value(i: number): Value {
    const value = this.inputs[i];
    if (value !== undefined) return value;
    throw this.broken(`an input at position ${i}`, `${this.inputs.length}`);
  }

  tensor(i: number): Tensor {
    return this.value(i).tensor;
  }

  optional(i: number): Tensor | undefined {
    return this.inputs[i]?.tensor;
  }

  has(i: number): boolean {
    return this.inputs[i] !== undefined;
  }

  /** The known elements of an input. @throws NotConstant when they are computed while running */
  items(i: number): readonly Dim[] {
    const value = this.value(i);
    const { items } = value;
    if (items === undefined) throw new NotConstant(this.where, i, value);
    return items;
  }

  /** The known elements of an input, none of them a free dimension. */
  numbers(i: number): number[] {
    return this.items(i).map((item) => {
      if (typeof item === "number") return item;
      throw new NotConstant(this.where, i, this.value(i));
    });
  }

  int(name: string, otherwise: number): number {
    return this.#attribute(name, "int") ?? otherwise;
  }

  flag(name: string): boolean {
    return this.int(name, 0) !== 0;
  }

  float(name: string, otherwise: number): number {
    return this.#attribute(name, "float") ?? otherwise;
  }

  string(name: string, otherwise: string): string {
    return this.#attribute(name, "string") ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#attribute(name, "ints");
  }

  floats(name: string): readonly number[] | undefined {
    return this.#attribute(name, "floats");
  }

  strings(name: string): readonly string[] | undefined {
    return this.#attribute(name, "strings");
  }

  graph(name: string): GraphProto {
    const graph = this.#attribute(name, "graph");
    if (graph === undefined) throw this.broken(`a graph in attribute ${name}`, "none");
    return graph;
  }

  attribute(name: string): AttributeProto | undefined {
    return this.#attributes.get(name);
  }

  /** Numbers that older versions have as an attribute, and newer ones as an input. */
  listed(name: string, i: number): number[] | undefined {
    return this.has(i) ? this.numbers(i) : this.ints(name)?.slice();
  }

  /** The error for a node that is none of its kind. */
  broken(expected: string, received: string): NacreError {
    return new NacreError({
      code: "BAD_FILE",
      where: this.where,
      expected,
      received,
      fix: "the file is damaged or was made wrong; export it again, or run onnx.checker on it",
    });
  }

  #attribute<T extends AttributeProto["type"]>(name: string, type: T): ValueOf<T> | undefined {
    const attribute = this.#attributes.get(name);
    if (attribute === undefined) return attribute;
    if (attribute.type === type) return attribute.value as unknown as ValueOf<T>;
    // A list without elements is written without a type by some.
    throw this.broken(`attribute ${name} of type ${type}`, attribute.type);
  }
}

type ValueOf<T extends AttributeProto["type"]> = {
  readonly [K in AttributeProto["type"]]: Extract<AttributeProto, { type: K }>["value"];
}[T];

/** What errors call a node: its name and operator. */
export function whereOf(node: NodeProto): string {
  const kind = node.domain === "" ? node.opType : `${node.domain}.${node.opType}`;
  const name = node.name === "" ? node.outputs[0] ?? "" : node.name;
  return `ONNX node "${name}" (${kind})`;
}

/** A value that must be known while tracing is computed while running. */
export class NotConstant extends NacreError {
  readonly value: Value;

  constructor(where: string, i: number, value: Value) {
    super({
      code: "UNSUPPORTED",
      where: `${where}, input ${i}`,
      expected: "a value that follows from constants and the shapes of the inputs",
      received: "one that depends on the data",
      fix: "export the model with fixed shapes, or simplify the file first",
    });
    this.value = value;
  }
}
