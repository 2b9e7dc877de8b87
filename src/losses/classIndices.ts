import { NacreError } from "../error.js";
import { squeeze } from "../ops/shape/reshape.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Class indices without an axis of size 1 in the place of the classes. @throws SHAPE_MISMATCH naming `where` */
export function labelsOf(where: string, yTrue: Tensor, yPred: Tensor, axis: number): Tensor {
  const labels = yTrue.rank === yPred.rank && yTrue.shape[axis] === 1 ? squeeze(yTrue, axis) : yTrue;
  const expected = yPred.shape.filter((_, i) => i !== axis);
  if (sameShape(labels.shape, expected)) return labels;
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: `class indices of shape ${formatShape(expected)} for predictions ${formatShape(yPred.shape)}`,
    received: formatShape(yTrue.shape),
    fix:
      yTrue.rank < expected.length
        ? "for one prediction a row, put layers.flatten() or a global pooling before the last layers"
        : "one-hot labels want categoricalCrossentropy (metric: categoricalAccuracy)",
  });
}
