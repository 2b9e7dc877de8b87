import { add, mul } from "../ops/elementwise/binary.js";
import { matmul } from "../ops/matrix/matmul.js";
import type { Tensor } from "../tensor/tensor.js";
import type { TraceContext } from "./traceContext.js";
import type { Variable } from "./variable.js";

/** Matrices of low rank that are trained in a weight's stead: with them it stands for `W + alpha / rank · A · B`. */
export interface Adapter {
  readonly alpha: number;
  /** @shape [..., rank] */
  readonly a: Variable;
  /** @shape [rank, last axis of the weight] */
  readonly b: Variable;
}

/** What a product of the matrices is multiplied by before it is added. */
export function adapterScale({ alpha, b }: Adapter): number {
  return alpha / b.shape[0]!;
}

/** What a variable stands for in a trace. */
export function adaptedValue(trace: TraceContext, variable: Variable): Tensor {
  const value = trace.updated?.(variable) ?? trace.valueOf(variable);
  const { adapter } = variable;
  if (adapter === undefined) return value;
  return add(value, mul(matmul(trace.valueOf(adapter.a), trace.valueOf(adapter.b)), adapterScale(adapter)));
}
