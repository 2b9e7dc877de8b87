import { NacreError, checkOptions, kindOf } from "../../error.js";
import { unnamedDim } from "../../tensor/dim.js";
import type { DType } from "../../tensor/dtype.js";
import { wholeNumber } from "../options.js";
import { SymbolicTensor } from "../symbolic.js";

/** Options of {@link input}. */
export interface InputOptions {
  /** The name by which batches hold it. Default: `input`, numbered. */
  readonly name?: string;
  /** Default float32; token ids are int32. */
  readonly dtype?: DType;
  /** How many rows every batch has, where layers must know that, as stateful ones do. Default: free. */
  readonly batchSize?: number;
}

/**
 * The start of a model: the shape of one sample, without the batch axis. A name or null is an axis
 * whose size may be another in each batch, where layers need no size; names that are equal stand for
 * equal sizes.
 *
 * @shape → [B, ...shape]
 * @throws BAD_ARGUMENT when a dimension is no whole number of at least 1, no name and not null
 * @example
 * const x = layers.input([28, 28, 1]);
 * @example
 * const tokens = layers.input(["time"], { dtype: "int32" });
 * const model = sequential([tokens, layers.embedding({ inputDim: 100, outputDim: 8 }), layers.globalAveragePooling1d()]);
 * console.log(model.inputs[0].toString()); // SymbolicTensor int32 [batch, time]
 */
export function input(shape: readonly (number | string | null)[], options: InputOptions = {}): SymbolicTensor {
  checkOptions("input", options, ["name", "dtype", "batchSize"]);
  if (!Array.isArray(shape) || !shape.every(isDim)) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: options.name === undefined ? "input" : `input "${options.name}"`,
      expected: "a shape of whole numbers of at least 1, names or null, without the batch axis",
      received: Array.isArray(shape) ? JSON.stringify(shape) : kindOf(shape),
      fix: "as in layers.input([28, 28, 1])",
    });
  }
  const { batchSize } = options;
  const batch = batchSize === undefined ? "batch" : wholeNumber("input", "batchSize", batchSize);
  const sample = (shape as readonly (number | string | null)[]).map((dim) => dim ?? unnamedDim());
  return new SymbolicTensor({ shape: [batch, ...sample], dtype: options.dtype ?? "float32", name: options.name });
}

function isDim(dim: unknown): boolean {
  return dim === null || (typeof dim === "string" ? /^[A-Za-z_]\w*$/.test(dim) : Number.isInteger(dim) && Number(dim) >= 1);
}
