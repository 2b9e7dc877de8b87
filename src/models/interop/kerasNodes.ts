import { NacreError } from "../../error.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { Field } from "../fields.js";
import type { KerasCall } from "./kerasCalls.js";
import { isKerasObject } from "./kerasConfig.js";

const TENSOR = "__keras_tensor__";

/** What a call gives once its arguments are there. */
export type CallMaker = (call: KerasCall, index: number) => readonly SymbolicTensor[];

/** One call, which waits for the values that it takes. */
interface Node {
  readonly key: string;
  readonly index: number;
  readonly make: CallMaker;
  readonly field: Field;
  readonly waits: Set<string>;
}

/** The calls of a functional model: each is made once those before it are. */
export class KerasNodes {
  readonly #nodes: Node[] = [];
  readonly #values = new Map<string, readonly SymbolicTensor[]>();
  /** How many calls each layer has. */
  readonly #counts = new Map<string, number>();

  /** Sets what the first call of a layer gives: an input's. */
  set(name: string, values: readonly SymbolicTensor[]): void {
    this.#values.set(keyOf(name, 0), values);
  }

  /** Adds the next call of a layer, or of an operation. */
  add(name: string, make: CallMaker, field: Field): void {
    const index = this.#counts.get(name) ?? 0;
    this.#counts.set(name, index + 1);
    const waits = new Set<string>();
    collect(field.at("args"), waits);
    collect(field.at("kwargs"), waits);
    this.#nodes.push({ key: keyOf(name, index), index, make, field, waits });
  }

  /** Makes all calls. @throws BAD_FILE when one needs a value that is not there, or its own */
  run(): void {
    const waiting = new Map<string, Node[]>();
    const ready: Node[] = [];
    for (const node of this.#nodes) {
      for (const key of node.waits) {
        if (this.#values.has(key)) node.waits.delete(key);
        else waiting.set(key, [...(waiting.get(key) ?? []), node]);
      }
      if (node.waits.size === 0) ready.push(node);
    }
    let made = 0;
    for (; made < ready.length; made++) {
      const { key, index, make, field } = ready[made]!;
      const args = field.at("args").list((item) => this.#value(item));
      const kwargs = field.at("kwargs").map((item) => this.#value(item));
      this.#values.set(key, make({ args, kwargs }, index));
      for (const next of waiting.get(key) ?? []) {
        next.waits.delete(key);
        if (next.waits.size === 0) ready.push(next);
      }
    }
    if (made < this.#nodes.length) throw broken("calls that can be made one after the other", "some that wait for values which never come");
  }

  /** The value at a place of a layer's name, the number of its call, and the number of the output. */
  at(place: Field): SymbolicTensor {
    const [name, node, output] = readPlace(place);
    const value = this.#values.get(keyOf(name, node))?.[output];
    if (value === undefined) throw broken("values of known calls", `${name}, call ${node}, output ${output}`);
    return value;
  }

  /** An argument with tensors in their places. */
  #value(field: Field): unknown {
    const { value } = field;
    if (Array.isArray(value)) return field.list((item) => this.#value(item));
    if (typeof value !== "object" || value === null) return value;
    if (!isKerasObject(value)) return field.map((item) => this.#value(item));
    const config = field.at("config");
    switch (value.class_name) {
      case TENSOR:
        return this.at(config.at("keras_history"));
      case "__tuple__":
        return this.#value(config.at("items"));
      case "__slice__":
        return { slice: ["start", "stop", "step"].map((part) => config.at(part).optional((number) => number.number()) ?? null) };
      case "__ellipsis__":
        return { ellipsis: true };
      case "__numpy__":
      case "__tensor__":
        return { array: config.at("value").value, dtype: config.at("dtype").text() };
      default:
        throw broken("tensors and plain values as arguments", value.class_name);
    }
  }
}

/** The calls whose values an argument holds. */
function collect(field: Field, into: Set<string>): void {
  const { value } = field;
  if (typeof value !== "object" || value === null) return;
  if (isKerasObject(value) && value.class_name === TENSOR) {
    const [name, node] = readPlace(field.at("config").at("keras_history"));
    into.add(keyOf(name, node));
    return;
  }
  for (const [key, item] of Object.entries(value)) collect(new Field(item, `${field.path}.${key}`), into);
}

function readPlace(place: Field): [name: string, node: number, output: number] {
  const [name, node, output] = place.list((item) => item);
  if (name === undefined || node === undefined || output === undefined) throw broken("a layer, a call and an output", JSON.stringify(place.value));
  return [name.text(), node.whole(), output.whole()];
}

function keyOf(name: string, node: number): string {
  return `${node} ${name}`;
}

function broken(expected: string, received: string): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: "Keras model",
    expected,
    received,
    fix: "the file is damaged or was edited; take another copy",
  });
}
