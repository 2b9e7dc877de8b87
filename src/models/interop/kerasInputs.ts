import { NacreError } from "../../error.js";
import { SymbolicTensor } from "../../layers/symbolic.js";
import type { Dim } from "../../tensor/dim.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import type { Field } from "../fields.js";

/** Shapes of samples by the names of inputs, for axes that a file leaves free. */
export type InputShapes = Readonly<Record<string, readonly number[]>>;

/** The inputs of a model and of those inside it. */
export class KerasInputs {
  readonly #shapes: InputShapes;
  readonly #fixedBatch: boolean;
  /** Inputs with axes that stay free. */
  readonly #free: string[] = [];

  /** `fixedBatch` keeps the batch sizes that a file notes: Keras minds them only where layers are stateful. */
  constructor(shapes: InputShapes, fixedBatch: boolean) {
    this.#shapes = shapes;
    this.#fixedBatch = fixedBatch;
  }

  /** The input that the configuration of an `InputLayer` describes, under a name of its own or the model's for it. @throws UNSUPPORTED for sparse and ragged ones, and dtypes that are none here */
  read(config: Field, name = config.at("name").text()): SymbolicTensor {
    const dtype = config.at("dtype").optional((text) => text.text()) ?? "float32";
    // What Keras computes in half or double precision is computed in single precision here.
    const known = ["float16", "bfloat16", "float64"].includes(dtype) ? "float32" : dtype;
    if (!DTYPES.includes(known as DType)) throw unsupported(name, `one of the dtypes ${DTYPES.join(", ")}`, dtype);
    const odd = ["sparse", "ragged"].find((kind) => config.at(kind).value === true);
    if (odd !== undefined) throw unsupported(name, "a dense input", `a ${odd} one`);
    return new SymbolicTensor({ shape: this.#shape(config.at("batch_shape"), name), dtype: known as DType, name });
  }

  /** The input of a sequential model without an `InputLayer`. */
  unnamed(shape: Field): SymbolicTensor {
    return new SymbolicTensor({ shape: this.#shape(shape, "input"), dtype: "float32" });
  }

  /** Builds a model; where a layer must know a size, the error says how to give it. */
  explain<T>(build: () => T): T {
    try {
      return build();
    } catch (error) {
      if (!(error instanceof NacreError) || this.#free.length === 0 || !error.received.includes("free dimension")) throw error;
      const [name] = this.#free;
      throw new NacreError({
        code: "UNSUPPORTED",
        where: error.where,
        expected: error.expected,
        received: error.received,
        fix: `give the sizes that the file leaves free, as in load(path, { inputShapes: { ${JSON.stringify(name)}: [128] } })`,
        cause: error,
      });
    }
  }

  /** The batch is free, if it can be; other dimensions that are not known have names, such as `axis1`. */
  #shape(field: Field, name: string): Dim[] {
    const given = Object.hasOwn(this.#shapes, name) ? this.#shapes[name] : undefined;
    const dims = field.list((dim) => dim.optional((size) => size.whole(1)) ?? null);
    if (given !== undefined && (given.length !== dims.length - 1 || given.some((size, i) => !(size >= 1 && size === (dims[i + 1] ?? size))))) {
      throw new NacreError({
        code: "BAD_ARGUMENT",
        where: `load, inputShapes of "${name}"`,
        expected: `a shape like [${dims.slice(1).map((dim) => dim ?? "any").join(", ")}]`,
        received: `[${given.join(", ")}]`,
      });
    }
    const shape = dims.map((dim, axis): Dim => (axis === 0 ? ((this.#fixedBatch ? dim : null) ?? "batch") : (dim ?? given?.[axis - 1] ?? `axis${axis}`)));
    if (shape.slice(1).some((dim) => typeof dim === "string")) this.#free.push(name);
    return shape;
  }
}

function unsupported(name: string, expected: string, received: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `Keras input "${name}"`,
    expected,
    received,
    fix: "build the model in Keras with keras.Input(shape, dtype) of such a kind, copy the weights, and save it again",
  });
}
