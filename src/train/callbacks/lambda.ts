import { checkOptions, wrongKind } from "../../error.js";
import type { Callback } from "../callback.js";

/** Options of {@link lambda}: the hooks of a {@link Callback} as plain functions. */
export type LambdaOptions = Partial<Pick<Callback, (typeof HOOKS)[number]>>;

const HOOKS = [
  "name",
  "onTrainBegin",
  "onEpochBegin",
  "onBatchEnd",
  "onTestBegin",
  "onTestEnd",
  "onEpochEnd",
  "onTrainEnd",
  "onTrainFail",
] as const;

/**
 * A callback made of functions.
 *
 * @example
 * await model.fit(train, {
 *   callbacks: [callbacks.lambda({ onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss) })],
 * });
 */
export function lambda(hooks: LambdaOptions): Callback {
  checkOptions("lambda callback", hooks, HOOKS);
  for (const [hook, value] of Object.entries(hooks)) {
    if (hook !== "name" && typeof value !== "function") throw wrongKind(`lambda callback ${hook}`, "a function", value);
  }
  return { name: "lambda", ...hooks };
}
