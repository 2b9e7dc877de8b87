import { foldIn, type Key, keyOf } from "../random/host.js";
import type { FitContext } from "./callback.js";
import type { Objective } from "./objective.js";
import type { OptimizerState } from "./optimizerState.js";
import type { TrainPosition } from "./position.js";
import type { Stepper } from "./stepper.js";

/** What training works on: a compiled model, taken apart. */
export interface FitSubject {
  readonly model: FitContext["model"];
  readonly stepper: Stepper;
  readonly objective: Objective;
  readonly optimizer: OptimizerState;
  /** Tells the model how to find out where training stands, so that a save at any moment can go on from there. */
  track(position: () => TrainPosition): void;
}

/** The key from which the steps of a training draw theirs. */
export function stepSeed(seed: number): Key {
  return foldIn(keyOf(seed), "train");
}
