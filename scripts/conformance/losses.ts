import { grad } from "../../src/autodiff/index.js";
import * as losses from "../../src/losses/index.js";
import { registry } from "../../src/losses/loss.js";
import { type KerasObject, fromKeras } from "../../src/models/interop/kerasConfig.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { type Outcome, type StoredArray, errorOf, numbersOf, outcomeOf, tensorOf } from "./format.js";

interface LossCase {
  readonly name: string;
  readonly loss: KerasObject;
  readonly y_true: StoredArray;
  readonly y_pred: StoredArray;
  readonly sample_weight: StoredArray | null;
  readonly value: number;
  readonly unreduced: StoredArray;
  readonly grad: StoredArray;
}

/**
 * Options that Keras's stored configurations leave out. This case's value and gradient were made
 * with the option, its unreduced values without.
 */
const LOST: Readonly<Record<string, object>> = { huber_delta: { delta: 0.4 } };

/** Compares value, unreduced values and gradient of each loss with Keras's. */
export async function* run(file: { readonly cases: readonly LossCase[] }): AsyncGenerator<Outcome> {
  for (const test of file.cases) {
    const { name } = test;
    if (!registry.has(test.loss.class_name)) {
      yield { name, status: "skipped", reason: `no loss ${test.loss.class_name}` };
    } else yield await outcomeOf(name, () => measure(test));
  }
}

async function measure(test: LossCase): Promise<Record<string, number>> {
  const stored = fromKeras(test.loss, { keepName: false });
  const loss = losses.deserialize({ ...stored, config: { ...stored.config, ...LOST[test.name] } });
  const unreduced = losses.deserialize({ ...stored, config: { ...stored.config, reduction: "none" } });
  const [yTrue, yPred] = [tensorOf(test.y_true), tensorOf(test.y_pred)];
  const weight = test.sample_weight === null ? undefined : tensorOf(test.sample_weight);
  const reduced = (prediction: Tensor): Tensor => losses.reduceLoss(loss, yTrue, prediction, weight);
  return {
    value: errorOf([await reduced(yPred).item()], [test.value]),
    unreduced: errorOf(await unreduced.call(yTrue, yPred).data(), numbersOf(test.unreduced)),
    gradient: errorOf(await grad(reduced)(yPred).data(), numbersOf(test.grad)),
  };
}
