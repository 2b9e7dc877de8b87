import type { NamesOf } from "../registry.js";
import type { Tensor } from "../tensor/tensor.js";
import type * as all from "./all.js";
import type { Loss } from "./loss.js";
import { matchLabels } from "./matchRank.js";

/** The names of the built-in losses. */
export type LossName = NamesOf<typeof all> | "mse" | "mae" | "mape" | "msle" | "bce" | "kld";

/** What a `loss` option takes. */
export type LossLike = LossName | Loss | ((yTrue: Tensor, yPred: Tensor) => Tensor);

/** A loss that averages what a function gives; labels take the predictions' dtype and rank. Files cannot hold it. */
export function functionLoss(call: (yTrue: Tensor, yPred: Tensor) => Tensor): Loss {
  return {
    className: call.name,
    config: {},
    reduction: "sumOverBatchSize",
    fromLogits: undefined,
    call: (yTrue, yPred) => call(...matchLabels(yTrue, yPred)),
  };
}
