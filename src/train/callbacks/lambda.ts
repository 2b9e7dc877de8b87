import { checkOptions } from "../../error.js";
import type { Callback } from "../callback.js";

/** Options of {@link lambda}: the hooks of a {@link Callback} as plain functions. */
export type LambdaOptions = Partial<
  Pick<Callback, "name" | "onTrainBegin" | "onEpochBegin" | "onBatchEnd" | "onEpochEnd" | "onTrainEnd" | "onTrainFail">
>;

/**
 * A callback made of functions.
 *
 * @example
 * await model.fit(train, {
 *   callbacks: [callbacks.lambda({ onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss) })],
 * });
 */
export function lambda(hooks: LambdaOptions): Callback {
  checkOptions("lambda callback", hooks, ["name", "onTrainBegin", "onEpochBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd", "onTrainFail"]);
  return { name: "lambda", ...hooks };
}
