import type { DType } from "../tensor/dtype.js";
import { type Shape, formatShape } from "../tensor/shape.js";
import type { ArgumentTemplate } from "./arguments.js";
import type { Layer } from "./layer.js";

/** One use of a layer in a functional model. */
export interface LayerCall {
  readonly layer: Layer;
  /** The layer's inputs, then the tensors among its arguments. */
  readonly inputs: readonly SymbolicTensor[];
  /** Arguments beside the inputs; `{ tensor: i }` stands for `inputs[i]`. */
  readonly args: ArgumentTemplate;
  readonly outputs: readonly SymbolicTensor[];
}

/**
 * What a functional model is described with: the shape and dtype of a value, and the layer call
 * that makes it. The first axis is the free dimension `batch`.
 *
 * @example
 * const x = layers.input([8, 8, 1]);
 * console.log(`${layers.flatten()(x)}`); // SymbolicTensor float32 [batch, 64] of flatten
 */
export class SymbolicTensor {
  /** Sizes by axis; those that are free have names, such as `batch`. */
  readonly shape: Shape;
  /** The kind of its elements, such as `float32`. */
  readonly dtype: DType;
  /** The call that makes it; undefined for an input. */
  readonly origin: LayerCall | undefined;
  /** For an input: the name by which batches hold it. */
  readonly name: string | undefined;
  /** Whether a mask of valid steps travels with it. */
  readonly masked: boolean;

  constructor(fields: {
    shape: Shape;
    dtype: DType;
    origin?: LayerCall;
    name?: string | undefined;
    masked?: boolean;
  }) {
    this.shape = fields.shape;
    this.dtype = fields.dtype;
    this.origin = fields.origin;
    this.name = fields.name;
    this.masked = fields.masked ?? false;
  }

  toString(): string {
    return `SymbolicTensor ${this.dtype} ${formatShape(this.shape)}${this.origin ? ` of ${this.origin.layer.name}` : ""}`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
