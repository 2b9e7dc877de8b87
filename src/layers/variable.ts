import type { Constraint } from "../constraints/index.js";
import { NacreError } from "../error.js";
import type { Initializer } from "../initializers/index.js";
import { foldIn, type Key } from "../random/host.js";
import type { Regularizer } from "../regularizers/index.js";
import { type DType, type TypedArray, arrayOf } from "../tensor/dtype.js";
import { Part } from "../tensor/joint.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import { formatShape } from "../tensor/shape.js";
import type { Adapter } from "./adapter.js";

/** What a layer asks for when it declares a variable. */
export interface VariableFields {
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** Default float32. */
  readonly dtype?: DType;
  /** Whether training may change it. Default true; running statistics say false. */
  readonly trainable?: boolean;
  /** Whether it is no weight, but what a layer carries from batch to batch: zeros at first. Default false. */
  readonly state?: boolean;
  readonly regularizer?: Regularizer | null;
  readonly constraint?: Constraint | null;
}

/**
 * An identity with a value: a weight, a bias or a running statistic. The value moves between the
 * host and the engine; all models that share the layer see the same one.
 *
 * @example
 * const kernel = model.variables[0]!;
 * console.log(kernel.path, kernel.shape); // dense/kernel [64, 10]
 * kernel.assign(new Float32Array(640).fill(0.1));
 * console.log((await kernel.read()).length); // 640
 */
export class Variable extends Part {
  /** Grows whenever some variable is frozen, freed or adapted: programs from before may no longer fit. */
  static revision = 0;
  /** Its name in the layer, such as `kernel`. */
  readonly name: string;
  /** Whether training may change it at all; running statistics are not trained. */
  readonly trainable: boolean;
  /** Whether it is no weight, but what a layer carries from batch to batch. */
  readonly isState: boolean;
  /** What draws its first value. */
  readonly initializer: Initializer;
  /** What it adds to the loss. */
  readonly regularizer: Regularizer | undefined;
  /** What is done to it after each update. */
  readonly constraint: Constraint | undefined;
  /** Where it lies in the model, such as `conv2d_1/kernel`; fixed when a model takes the layer in. */
  path: string;
  /** How often it was assigned: a training step under way then leaves the new value alone. */
  assignments = 0;
  #frozen = false;
  #adapter: Adapter | undefined;

  constructor(name: string, fields: VariableFields) {
    super(fields.shape, fields.dtype ?? "float32");
    this.name = name;
    this.path = name;
    this.isState = fields.state ?? false;
    this.trainable = fields.trainable ?? !this.isState;
    this.initializer = fields.initializer;
    this.regularizer = fields.regularizer ?? undefined;
    this.constraint = fields.constraint ?? undefined;
  }

  /** Whether training leaves it alone though it may change it. */
  get frozen(): boolean {
    return this.#frozen;
  }

  set frozen(frozen: boolean) {
    if (frozen !== this.#frozen) Variable.revision++;
    this.#frozen = frozen;
  }

  /** What is trained in its stead, and added to it wherever it is used. */
  get adapter(): Adapter | undefined {
    return this.#adapter;
  }

  set adapter(adapter: Adapter | undefined) {
    this.#adapter = adapter;
    Variable.revision++;
  }

  /** Itself, and the variables that adapt it. */
  get withAdapter(): readonly Variable[] {
    return this.#adapter === undefined ? [this] : [this, this.#adapter.a, this.#adapter.b];
  }

  /** Draws the first value, from a key of the seed and this variable's path. */
  initialize(seed: Key): TypedArray | DeviceTensor {
    this.value ??= toDType(this.initializer.init(this.shape, foldIn(seed, this.path)), this.dtype);
    return this.value;
  }

  /** Replaces the value. @throws SHAPE_MISMATCH when the number of elements differs */
  assign(data: ArrayLike<number>, shape: readonly number[] = this.shape): void {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (shape.join() !== this.shape.join() || data.length !== size) {
      throw new NacreError({
        code: "SHAPE_MISMATCH",
        where: `variable ${this.path}`,
        expected: `shape ${formatShape(this.shape)}`,
        received: `${formatShape(shape)} with ${data.length} elements`,
        fix: "the file or array must come from a layer with the same options",
      });
    }
    this.value = arrayOf(this.dtype, data);
    this.assignments++;
  }

  /** A copy of the value on the host. */
  async read(): Promise<TypedArray> {
    const { value } = this;
    if (value === undefined) {
      throw new NacreError({
        code: "NOT_COMPILED",
        where: `variable ${this.path}`,
        expected: "a value",
        received: "a variable that was never initialised",
        fix: "call model.initialize(seed), or train first",
      });
    }
    return ArrayBuffer.isView(value) ? value.slice() : value.read();
  }
}

function toDType(data: TypedArray, dtype: DType): TypedArray {
  return dtype === "float32" ? data : arrayOf(dtype, data);
}
