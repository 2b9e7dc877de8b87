import { NacreError } from "../error.js";
import type { DType, TypedArray } from "./dtype.js";
import { formatValues } from "./format.js";
import { type DeviceTensor, getRuntime } from "./runtime.js";
import { type Shape, concreteShape, formatShape, rowMajorStrides, sizeOf } from "./shape.js";

/** What an expression's producer must let the tensor room know. */
export interface Producer {
  readonly op: { readonly name: string };
  readonly inputs: readonly Tensor[];
}

/** Nested arrays of numbers, as `toArray` returns them. */
export type NestedArray = number | bigint | boolean | NestedArray[];

interface TensorFields {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The node that computes it, and which of its outputs it is. */
  readonly producer?: Producer;
  readonly index?: number;
  readonly value?: TypedArray | DeviceTensor;
  /** For a placeholder: its name in the trace. */
  readonly name?: string;
}

/**
 * An n-dimensional array: either data, or an expression that `data()` compiles and runs, once.
 * Operations never change a tensor; they build the expression of a new one.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * console.log(await x.matmul(x).toArray()); // [[7, 10], [15, 22]]
 */
export class Tensor {
  /** Sizes by axis; empty for a scalar. Those that are free have names, such as `batch`. */
  readonly shape: Shape;
  /** The kind of its elements, such as `float32`. */
  readonly dtype: DType;
  /** Which output of its producer it is. */
  readonly index: number;
  /** For a placeholder: what errors call it. */
  readonly name: string | undefined;
  #producer: Producer | undefined;
  #value: TypedArray | DeviceTensor | undefined;
  #running: Promise<void> | undefined;

  constructor(fields: TensorFields) {
    this.shape = fields.shape;
    this.dtype = fields.dtype;
    this.#producer = fields.producer;
    this.index = fields.index ?? 0;
    this.name = fields.name;
    this.#value = fields.value;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number of elements. @throws SHAPE_MISMATCH when a dimension is free */
  get size(): number {
    return sizeOf(this.shape, "tensor.size");
  }

  /** The value where it is known already: host data or a handle of the engine's. */
  get value(): TypedArray | DeviceTensor | undefined {
    return this.#value;
  }

  /** What computes it; undefined for data, placeholders, and once the value is known. */
  get producer(): Producer | undefined {
    return this.#producer;
  }

  /** Keeps a computed value, so that the expression runs only once. */
  resolve(value: TypedArray | DeviceTensor): void {
    this.#value = value;
    // Else a loop that updates a tensor again and again would hold all its earlier values.
    this.#producer = undefined;
  }

  /**
   * The elements in row-major order; compiles and runs the expression at the first call.
   *
   * @throws TRACED_VALUE when called on a placeholder inside `grad` or `jit`
   */
  async data(): Promise<TypedArray> {
    if (this.#value === undefined) {
      if (this.#producer === undefined) throw this.#traced();
      this.#running ??= getRuntime()
        .evaluate([this])
        .finally(() => (this.#running = undefined));
      await this.#running;
    }
    const value = this.#value;
    if (value === undefined) throw this.#traced();
    return ArrayBuffer.isView(value) ? value : value.read();
  }

  /** The single element of a tensor of size 1. */
  async item(): Promise<number> {
    const data = await this.data();
    if (data.length === 1) return Number(data[0]);
    throw new NacreError({
      code: "SHAPE_MISMATCH",
      where: "tensor.item",
      expected: "a tensor with one element",
      received: `shape ${formatShape(this.shape)}`,
      fix: "use data() or toArray(), or reduce it first",
    });
  }

  /** The elements as nested arrays; a plain number for a scalar. */
  async toArray(): Promise<NestedArray> {
    const data = await this.data();
    const shape = concreteShape(this.shape, "tensor.toArray");
    const strides = rowMajorStrides(shape);
    const nest = (axis: number, offset: number): NestedArray => {
      if (axis === shape.length) {
        const value = data[offset]!;
        return this.dtype === "bool" ? Boolean(value) : value;
      }
      return Array.from({ length: shape[axis]! }, (_, i) => nest(axis + 1, offset + i * strides[axis]!));
    };
    return nest(0, 0);
  }

  toString(): string {
    const head = `Tensor ${this.dtype} ${formatShape(this.shape)}`;
    if (ArrayBuffer.isView(this.#value)) {
      return `${head} ${formatValues(this.#value, concreteShape(this.shape, "tensor"), this.dtype)}`;
    }
    if (this.#value !== undefined) return `${head} (held by the engine)`;
    return this.#producer === undefined ? `${head} (placeholder)` : `${head} (${this.#producer.op.name}, not yet run)`;
  }

  /**
   * Text where text is wanted.
   *
   * @throws BAD_ARGUMENT where a number is wanted, as in `x * 2` or `x > 0`: a tensor has none
   */
  [Symbol.toPrimitive](hint: "string" | "number" | "default"): string {
    if (hint !== "number") return this.toString();
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: `tensor ${formatShape(this.shape)}`,
      expected: "methods, such as x.mul(2) or x.greater(0)",
      received: "an operator of JavaScript, which works on numbers only",
      fix: "use the method of that meaning, or await x.item() for a number",
    });
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  #traced(): NacreError {
    return new NacreError({
      code: "TRACED_VALUE",
      where: `tensor ${formatShape(this.shape)}`,
      expected: "a tensor with a value",
      received: "a placeholder of a function that is being traced",
      fix: "return the tensor from the traced function and read it outside",
    });
  }
}
