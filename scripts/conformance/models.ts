import { readFileSync } from "node:fs";
import type { ArrayData } from "../../src/data/index.js";
import type { LossLike } from "../../src/losses/index.js";
import { fromKerasBytes } from "../../src/models/interop/kerasArchive.js";
import { type KerasObject, fromKeras } from "../../src/models/interop/kerasConfig.js";
import type { Model } from "../../src/models/model.js";
import type { OptimizerLike } from "../../src/optimizers/index.js";
import { arrayOf } from "../../src/tensor/dtype.js";
import { type Outcome, type StoredArray, TOLERANCE, errorOf, numbersOf, outcomeOf } from "./format.js";

/** A model's case; the model lies beside it. */
export interface ModelCase {
  readonly name: string;
  readonly inputs: readonly StoredArray[];
  readonly target: StoredArray;
  readonly prediction: StoredArray;
  readonly train: {
    readonly loss: KerasObject;
    readonly optimizer: KerasObject;
    /** Each step's loss with regularization, before its update. */
    readonly batch_losses_before_each_step: readonly number[];
    readonly prediction_after: StoredArray;
  };
}

/** Ten steps on float32 add up what each one's rounding leaves over. */
const LOSS_TOLERANCE = { absolute: 1e-5, relative: 1e-3 };
const TRAINED_TOLERANCE = { absolute: 2e-3, relative: 2e-3 };

/** Compares what a model of Keras predicts, how it trains, and what it predicts then. */
export async function* run(file: ModelCase, path: string): AsyncGenerator<Outcome> {
  yield await outcomeOf(file.name, () => measure(file, readFileSync(path.replace(/\.json$/, ".keras"))));
}

async function measure(test: ModelCase, bytes: Uint8Array): Promise<Record<string, number>> {
  const { train } = test;
  const model = await fromKerasBytes(bytes);
  const x = Object.fromEntries(test.inputs.map((stored, i) => [model.inputNames[i]!, arrayFrom(stored)]));
  const errors: Record<string, number> = { prediction: await predictionError(model, x, test.prediction, TOLERANCE) };
  const optimizer = fromKeras(train.optimizer, { keepName: false }) as unknown as OptimizerLike;
  model.compile({ optimizer, loss: fromKeras(train.loss, { keepName: false }) as unknown as LossLike });
  for (const [step, want] of train.batch_losses_before_each_step.entries()) {
    const { loss } = await model.trainOnBatch({ x, y: arrayFrom(test.target) });
    errors[`loss of step ${step}`] = errorOf([loss], [want], LOSS_TOLERANCE);
  }
  errors["prediction after training"] = await predictionError(model, x, train.prediction_after, TRAINED_TOLERANCE);
  return errors;
}

function arrayFrom(stored: StoredArray): ArrayData {
  return { data: arrayOf(stored.dtype, numbersOf(stored)), shape: stored.shape };
}

async function predictionError(
  model: Model,
  x: Readonly<Record<string, ArrayData>>,
  want: StoredArray,
  tolerance: typeof TOLERANCE,
): Promise<number> {
  const got = await model.predict(x);
  return got.shape.join() === want.shape.join() ? errorOf(await got.data(), numbersOf(want), tolerance) : Infinity;
}
