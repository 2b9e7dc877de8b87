import { NacreError } from "../error.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Refuses labels of another shape than the predictions'. */
export function requireSameShape(where: string, yTrue: Tensor, yPred: Tensor, fix: string): void {
  if (sameShape(yTrue.shape, yPred.shape)) return;
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: `labels of the predictions' shape ${formatShape(yPred.shape)}`,
    received: formatShape(yTrue.shape),
    fix,
  });
}
