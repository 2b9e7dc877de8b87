import type { Callback } from "../callback.js";

/**
 * Ends training, without an error, at the first epoch result that is not a finite number. A loss
 * that is not finite is an error of its own already in its step.
 *
 * @example
 * await model.fit(train, { callbacks: [callbacks.terminateOnNaN()] });
 */
export function terminateOnNaN(): Callback {
  return {
    name: "terminateOnNaN",
    onEpochEnd(epoch, logs, context) {
      const bad = Object.keys(logs).find((name) => !Number.isFinite(logs[name]));
      if (bad !== undefined) context.stop(`${bad} is ${logs[bad]} in epoch ${epoch + 1}`);
    },
  };
}
