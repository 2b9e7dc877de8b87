import { isRecord, kindOf, NacreError, wrongKind } from "../error.js";
import type { Callback } from "../train/callback.js";
import type { TrainPosition } from "../train/position.js";

/** Refuses a number that does not count anything. */
export function checkWhole(option: string, value: number, where = "fit"): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where: `${where} ${option}`,
    expected: "a whole number of at least 1",
    received: kindOf(value),
  });
}

/** Refuses the numbers by which others set it: 0 would mean auto here. */
export function checkVerbose(verbose: string): void {
  if (verbose === "auto" || verbose === "silent") return;
  throw new NacreError({ code: "BAD_ARGUMENT", where: "fit verbose", expected: '"auto" or "silent"', received: JSON.stringify(verbose) });
}

/** Refuses what is no list of callbacks. */
export function checkCallbacks(callbacks: readonly Callback[]): void {
  const wrong = Array.isArray(callbacks) ? callbacks.findIndex((callback) => !isRecord(callback)) : 0;
  if (wrong < 0) return;
  const received: unknown = Array.isArray(callbacks) ? callbacks[wrong] : callbacks;
  throw wrongKind("fit callbacks", "a list of callbacks", received, "as in callbacks: [callbacks.earlyStopping()]");
}

/** Refuses to go on with a training under other settings than it began with. */
export function checkResume(from: TrainPosition, seed: number, batchSize: number): void {
  const wrong = (option: string, began: number, received: number): NacreError =>
    new NacreError({
      code: "BAD_ARGUMENT",
      where: "fit resume",
      expected: `${option} ${began}, with which this training began`,
      received: String(received),
      fix: `pass ${option}: ${began}, or resume: false to start anew`,
    });
  if (from.seed !== seed) throw wrong("seed", from.seed, seed);
  if (from.batch > 0 && from.batchSize !== batchSize) throw wrong("batchSize", from.batchSize, batchSize);
}

/** The error for a model that was not told what to train with. */
export function notCompiled(where: string): NacreError {
  return new NacreError({
    code: "NOT_COMPILED",
    where,
    expected: "a compiled model",
    received: "one without optimizer and loss",
    fix: 'call model.compile({ optimizer: "adam", loss: … }) first',
  });
}

/** The error for a training beside another one of the same model. */
export function alreadyTraining(where: string, busy: string): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: "one training at a time",
    received: `a call while ${busy} is running`,
    fix: "await the first call",
  });
}
