import { NacreError, checkOptions, kindOf } from "../../error.js";
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
 * The start of a model: the shape of one sample, without the batch axis.
 *
 * @shape → [B, ...shape]
 * @throws BAD_ARGUMENT when a dimension is no whole number of at least 1
 * @example
 * const x = layers.input([28, 28, 1]);
 */
export function input(shape: readonly number[], options: InputOptions = {}): SymbolicTensor {
  checkOptions("input", options, ["name", "dtype", "batchSize"]);
  if (!Array.isArray(shape) || shape.some((dim) => !Number.isInteger(dim) || dim < 1)) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: options.name === undefined ? "input" : `input "${options.name}"`,
      expected: "a shape of whole numbers of at least 1, without the batch axis",
      received: Array.isArray(shape) ? JSON.stringify(shape) : kindOf(shape),
      fix: "as in layers.input([28, 28, 1])",
    });
  }
  const { batchSize } = options;
  const batch = batchSize === undefined ? "batch" : wholeNumber("input", "batchSize", batchSize);
  return new SymbolicTensor({ shape: [batch, ...(shape as number[])], dtype: options.dtype ?? "float32", name: options.name });
}
