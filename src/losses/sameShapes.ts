import { NacreError } from "../error.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Refuses labels of another shape than the predictions', which broadcasting would hide. */
export function requireSameShape(where: string, yTrue: Tensor, yPred: Tensor): void {
  if (sameShape(yTrue.shape, yPred.shape)) return;
  const single = yTrue.shape.slice(1).every((dim) => dim === 1);
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: `labels of the predictions' shape ${formatShape(yPred.shape)}`,
    received: formatShape(yTrue.shape),
    fix: single
      ? "for class numbers take sparseCategoricalCrossentropy (metric: sparseCategoricalAccuracy), for one number a row end the model with layers.dense({ units: 1 })"
      : "give one label for each prediction, or the last layer as many units as a label has numbers",
  });
}
