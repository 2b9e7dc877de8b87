import { NacreError, checkOptions } from "../../error.js";
import type { StoredTensor } from "../../files/safetensors.js";
import type { Callback, FitContext } from "../callback.js";

/** Options of {@link swapEMAWeights}. */
export interface SwapEMAWeightsOptions {
  /** Whether the callbacks after it see each epoch's end with the averages, so that checkpoints hold these. Default false. */
  readonly swapOnEpoch?: boolean;
}

/**
 * Validates with the moving averages of the weights, which an optimizer with `useEma` keeps, and
 * trains on with the weights. When training ends the averages stay in the weights' place.
 *
 * @throws BAD_ARGUMENT when the optimizer keeps no averages
 * @example
 * model.compile({ optimizer: optimizers.adam({ useEma: true }), loss: "sparseCategoricalCrossentropy" });
 * await model.fit(train, { epochs: 2, validation: 0.2, callbacks: [callbacks.swapEMAWeights()] });
 */
export function swapEMAWeights(options: SwapEMAWeightsOptions = {}): Callback {
  checkOptions("swapEMAWeights", options, ["swapOnEpoch"]);
  let kept = new Map<string, StoredTensor>();
  const putBack = ({ model }: FitContext): void => {
    for (const variable of model.trainableVariables) {
      const stored = kept.get(model.pathOf(variable));
      if (stored !== undefined) variable.assign(stored.data as ArrayLike<number>);
    }
    kept = new Map();
  };
  const swapIn = async ({ model, optimizer }: FitContext): Promise<void> => {
    for (const variable of model.trainableVariables) {
      const { dtype, shape } = variable;
      kept.set(model.pathOf(variable), { dtype, shape, data: await variable.read() });
    }
    await optimizer.adoptAverages(model.trainableVariables);
  };
  return {
    name: "swapEMAWeights",
    reset: () => void (kept = new Map()),
    onTrainBegin({ optimizer }) {
      if (optimizer.optimizer.options.useEma) return;
      throw new NacreError({
        code: "BAD_ARGUMENT",
        where: "swapEMAWeights",
        expected: "an optimizer that keeps averages of the weights",
        received: `${optimizer.optimizer.className} without`,
        fix: "give it useEma: true",
      });
    },
    onEpochBegin: (_epoch, context) => putBack(context),
    onTestBegin: (context) => swapIn(context),
    onTestEnd: (context) => putBack(context),
    async onEpochEnd(_epoch, _logs, context) {
      if (options.swapOnEpoch === true) await swapIn(context);
    },
    // A checkpoint of an epoch's end holds the averages as weights; training goes on from these.
    state: () => ({ values: {}, tensors: kept }),
    restore: ({ tensors }) => void (kept = new Map(tensors)),
  };
}
