import { shapeError } from "../../graph/node.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Refuses indices that are no int32 or int64. */
export function wholeIndices(op: string, indices: Tensor): void {
  if (indices.dtype === "int32" || indices.dtype === "int64") return;
  throw shapeError(op, `int32 indices, not ${indices.dtype}`, [indices.shape], 'cast them: indices.cast("int32")');
}
