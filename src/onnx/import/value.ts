import { NacreError } from "../../error.js";
import { defineOp, type Apply, type OpOf } from "../../graph/op.js";
import { constant } from "../../ops/elementwise/literal.js";
import { reshape } from "../../ops/shape/reshape.js";
import type { Dim } from "../../tensor/dim.js";
import { type DType, type TypedArray, arrayOf, isFloat } from "../../tensor/dtype.js";
import { type Shape, sizeOf } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { cast } from "../../ops/elementwise/cast.js";

/** Arrays of more elements are not computed on the host. */
export const FOLDED_ELEMENTS = 65_536;

/** Larger constants are held by the engine, as captured data, instead of being written into each program. */
const LITERAL_ELEMENTS = 1024;

const INT64_MAX = 2n ** 63n - 1n;

/**
 * A value of an imported graph while it is traced: a tensor, or elements that are known already.
 * Known integers may be polynomials of free dimensions, as shape arithmetic makes them.
 */
export class Value {
  readonly dtype: DType;
  readonly shape: Shape;
  #tensor: Tensor | undefined;
  #items: readonly Dim[] | undefined;
  readonly #data: TypedArray | undefined;
  /** The values of a sequence, which is no tensor. */
  readonly list: readonly Value[] | undefined;

  private constructor(dtype: DType, shape: Shape, source: { tensor?: Tensor; items?: readonly Dim[]; data?: TypedArray; list?: readonly Value[] }) {
    this.list = source.list;
    this.dtype = dtype;
    this.shape = shape;
    this.#tensor = source.tensor;
    this.#items = source.items;
    this.#data = source.data;
  }

  static of(tensor: Tensor): Value {
    return new Value(tensor.dtype, tensor.shape, { tensor });
  }

  static data(data: TypedArray, dtype: DType, shape: readonly number[]): Value {
    return new Value(dtype, shape, { data });
  }

  static items(items: readonly Dim[], dtype: DType, shape: readonly number[]): Value {
    return new Value(dtype, shape, { items });
  }

  static list(list: readonly Value[]): Value {
    return new Value(list[0]?.dtype ?? "float32", [], { list });
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Whether the elements are known while tracing. */
  get known(): boolean {
    return this.#items !== undefined || this.#data !== undefined;
  }

  /** The elements in row-major order, where they are known and few. */
  get items(): readonly Dim[] | undefined {
    if (this.#items !== undefined || this.#data === undefined || this.#data.length > FOLDED_ELEMENTS) return this.#items;
    this.#items = Array.from(this.#data as ArrayLike<number | bigint>, Number);
    return this.#items;
  }

  get tensor(): Tensor {
    if (this.list !== undefined) throw notTensor();
    this.#tensor ??= this.#materialize();
    return this.#tensor;
  }

  #materialize(): Tensor {
    const free = this.#data === undefined && this.#items!.some((item) => typeof item === "string");
    if (free) return cast(reshape(dimensions(this.#items!), this.shape), this.dtype);
    const shape = this.shape as readonly number[];
    const data = this.#data ?? exactArray(this.dtype, this.#items as readonly number[]);
    if (data.length <= LITERAL_ELEMENTS && data.length === sizeOf(shape)) return constant(data, shape, this.dtype);
    return new Tensor({ dtype: this.dtype, shape, value: data });
  }
}

function notTensor(): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: "ONNX value",
    expected: "a tensor",
    received: "a sequence of tensors",
    fix: "only operators on sequences take one; outputs of the model must be tensors",
  });
}

/** Numbers as elements of a dtype; those beyond int64 go to its ends, as ONNX's "to the end" does. */
function exactArray(dtype: DType, items: readonly number[]): TypedArray {
  if (dtype !== "int64") return arrayOf(dtype, isFloat(dtype) ? items : items.map(Math.trunc));
  return BigInt64Array.from(items, (item) => {
    const whole = BigInt(Math.trunc(item));
    return whole > INT64_MAX ? INT64_MAX : whole < -INT64_MAX ? -INT64_MAX : whole;
  });
}

/** Dimensions as an int64 vector, computed from the graph's inputs where they are free. */
const dimensions: OpOf<(dims: readonly Dim[]) => Tensor> = defineOp({
  name: "dimensions",
  call: (apply: Apply<{ dims: readonly Dim[] }>) => (dims) => apply([], { dims })[0],
  infer: (_inputs, { dims }) => ({ shape: [dims.length], dtype: "int64" }),
  grad: "none",
  lower: (b, _inputs, { attrs: { dims } }) => b.shape(dims),
});
