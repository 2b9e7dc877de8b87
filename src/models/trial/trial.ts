import type { Dataset } from "../../data/index.js";
import { OptimizerState } from "../../train/optimizerState.js";
import type { FitContext } from "../../train/callback.js";
import type { Model } from "../model.js";
import type { FitOptions } from "../options.js";

/** A training that is only looked at. */
export interface TrialOptions extends Pick<FitOptions, "batchSize" | "epochs" | "seed" | "shuffle" | "signal"> {
  /** Whether the model keeps what it learned. Default false. */
  readonly keep?: boolean;
  readonly onBegin?: (context: FitContext) => void;
  /** `loss` is this batch's. */
  readonly onBatch: (loss: number, context: FitContext) => void;
}

/**
 * Trains with the model's optimizer as it was when it was new, and puts weights, states, running
 * statistics and the place of its own training back. `then` runs before that.
 */
export async function trial<T>(model: Model, data: Dataset, options: TrialOptions, then: () => Promise<T>): Promise<T> {
  const { keep = false, onBegin, onBatch, ...rest } = options;
  const { compiled, position } = model;
  let putBack = (): void => undefined;
  const callback = {
    name: "trial",
    // Only now is it sure that no other training is under way, whose weights must not be touched.
    async onTrainBegin(context: FitContext): Promise<void> {
      const changing = [...model.variables, ...model.states];
      const values = await Promise.all(changing.map((variable) => variable.read()));
      putBack = () => {
        changing.forEach((variable, i) => variable.assign(values[i] as ArrayLike<number>));
        model.position = position;
      };
      onBegin?.(context);
    },
    onBatchEnd: (_batch: number, _logs: unknown, context: FitContext) => onBatch(context.batchLoss, context),
  };
  if (compiled !== undefined && !keep) {
    const { optimizer, groups } = compiled.optimizer;
    model.compiled = { ...compiled, optimizer: new OptimizerState(optimizer, groups) };
  }
  try {
    // `fit` takes what is compiled at once, so that nobody else sees the new optimizer.
    const fitting = model.fit(data, { ...rest, verbose: "silent", callbacks: [callback] });
    model.compiled = compiled;
    await fitting;
    return await then();
  } finally {
    if (!keep) putBack();
  }
}
