import * as ops from "../../../ops/index.js";
import { isFloat } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

/** -w[label] · log p[label], over classes on axis 1; labels that are to be ignored weigh nothing. */
function negativeLogLikelihood(call: Call, logs: Tensor): Tensor {
  const [given, weights] = [ops.cast(call.tensor(1), "int32"), call.optional(2)];
  const ignored = call.attribute("ignore_index") === undefined ? undefined : ops.equal(given, call.int("ignore_index", 0));
  const labels = ignored === undefined ? given : ops.where(ignored, ops.zerosLike(given), given);
  const picked = ops.neg(ops.squeeze(ops.takeAlong(logs, ops.expandDims(labels, 1), 1), 1));
  const chosen = weights === undefined ? ops.onesLike(picked) : ops.gather(weights, labels);
  const weight = ignored === undefined ? chosen : ops.where(ignored, ops.zerosLike(chosen), chosen);
  const losses = ops.mul(picked, weight);
  switch (call.string("reduction", "mean")) {
    case "none":
      return losses;
    case "sum":
      return ops.sum(losses);
    default:
      return ops.div(ops.sum(losses), ops.sum(weight));
  }
}

function softmaxCrossEntropyLoss(call: Call): Outputs {
  const x = call.tensor(0);
  if (!isFloat(x.dtype)) return undefined;
  const logs = ops.logSoftmax(x, 1);
  return [negativeLogLikelihood(call, logs), logs];
}

export const lossFunctions: Readonly<Record<string, Rule>> = {
  NegativeLogLikelihoodLoss: (call) => (isFloat(call.value(0).dtype) ? negativeLogLikelihood(call, call.tensor(0)) : undefined),
  SoftmaxCrossEntropyLoss: softmaxCrossEntropyLoss,
};
