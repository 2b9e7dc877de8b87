import { shapeError } from "../graph/node.js";
import { cast } from "../ops/elementwise/cast.js";
import { equal, greater, logicalAnd, logicalNot, notEqual } from "../ops/elementwise/compare.js";
import { constant } from "../ops/elementwise/literal.js";
import { where } from "../ops/elementwise/where.js";
import { takeAlong } from "../ops/indexing/takeAlong.js";
import { logSoftmax } from "../ops/nn/softmax.js";
import { logSumExp } from "../ops/reduce/derived.js";
import { sum } from "../ops/reduce/reduce.js";
import { broadcastTo } from "../ops/shape/broadcastTo.js";
import { concat, stack, unstack } from "../ops/shape/concat.js";
import { zerosLike } from "../ops/shape/fill.js";
import { pad } from "../ops/shape/pad.js";
import { expandDims, squeeze } from "../ops/shape/reshape.js";
import { concreteDim } from "../tensor/dim.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineLoss } from "./loss.js";

/** Stands for ln 0, whose differences would be NaN. */
const IMPOSSIBLE = -1e30;

/** Labels with a blank (class 0) before, between and after them. [B,L] → [B,2·L+1] */
function withBlanks(labels: Tensor): Tensor {
  const pairs = stack([zerosLike(labels), labels], 2).reshape([labels.shape[0]!, -1]);
  return pad(pairs, [[0, 0], [0, 1]]);
}

/** x moved up by some places along the last axis, `fill` coming in. [B,S] → [B,S] */
function shifted(x: Tensor, places: number, fill: number): Tensor {
  const kept = concreteDim(x.shape[1]!, "ctc") - places;
  return pad(x.slice([0, 0], [x.shape[0]!, kept]), [[0, 0], [places, 0]], fill);
}

/** ln p of all ways to read the labels that end in each state after the last step. [B,S] */
function forward(emissions: readonly Tensor[], maySkip: Tensor): Tensor {
  const states = concreteDim(maySkip.shape[1]!, "ctc");
  const first = constant(Float32Array.from({ length: states }, (_, s) => (s < 2 ? 1 : 0)), [1, states], "float32");
  return emissions.slice(1).reduce(
    (alpha, emission) => {
      const skipped = where(maySkip, shifted(alpha, 2, IMPOSSIBLE), IMPOSSIBLE);
      return logSumExp(stack([alpha, shifted(alpha, 1, IMPOSSIBLE), skipped]), { axes: 0 }).add(emission);
    },
    where(greater(first, 0), emissions[0]!, IMPOSSIBLE),
  );
}

/**
 * −ln p(labels) over all alignments: connectionist temporal classification. Labels [B,L] are class
 * indices with 0, the blank, as padding at the end; predictions are logits [B,T,classes].
 * The program grows with T.
 *
 * @throws SHAPE_MISMATCH when labels are not [B,L] or predictions not [B,T,classes]
 * @example
 * model.compile({ optimizer: "adam", loss: losses.ctc() });
 */
export const ctc = defineLoss({
  className: "CTC",
  defaults: {},
  integerLabels: true,
  call: (yTrue, yPred) => {
    if (yTrue.rank !== 2 || yPred.rank !== 3) {
      throw shapeError("ctc", "labels [batch, length] and logits [batch, steps, classes]", [yTrue.shape, yPred.shape]);
    }
    const states = withBlanks(yTrue); // [B,S]
    const spread = broadcastTo(expandDims(states, 1), [yPred.shape[0]!, yPred.shape[1]!, states.shape[1]!]);
    const emissions = unstack(takeAlong(logSoftmax(yPred, 2), spread, 2), 1); // T times [B,S]
    // From one label straight to the next, unless they are equal and need a blank between them.
    const maySkip = logicalAnd(notEqual(states, 0), logicalNot(equal(states, shifted(states, 2, 0))));
    const alpha = forward(emissions, maySkip);
    const length = sum(cast(notEqual(yTrue, 0), "int32"), { axes: 1, keepDims: true }); // [B,1]
    const inBlank = takeAlong(alpha, length.mul(2), 1);
    const inLabel = takeAlong(alpha, length.mul(2).sub(1).maximum(0), 1);
    const ends = concat([inBlank, where(greater(length, 0), inLabel, IMPOSSIBLE)], 1);
    return squeeze(logSumExp(ends, { axes: 1, keepDims: true }), 1).neg();
  },
});
