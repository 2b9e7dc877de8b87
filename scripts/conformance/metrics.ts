import { jit } from "../../src/autodiff/index.js";
import * as metrics from "../../src/metrics/index.js";
import { registry } from "../../src/metrics/metric.js";
import { type KerasObject, fromKeras } from "../../src/models/interop/kerasConfig.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { type Outcome, type StoredArray, errorOf, numbersOf, outcomeOf, tensorOf } from "./format.js";

interface MetricCase {
  readonly name: string;
  readonly metric: KerasObject;
  readonly batches: readonly {
    readonly y_true: StoredArray;
    readonly y_pred: StoredArray;
    readonly sample_weight: StoredArray | null;
    readonly result: StoredArray;
  }[];
}

/** Compares each metric's result after each batch with Keras's. */
export async function* run(file: { readonly cases: readonly MetricCase[] }): AsyncGenerator<Outcome> {
  for (const test of file.cases) {
    const { name } = test;
    if (!registry.has(test.metric.class_name)) {
      yield { name, status: "skipped", reason: `no metric ${test.metric.class_name}` };
    } else yield await outcomeOf(name, () => measure(test));
  }
}

async function measure(test: MetricCase): Promise<Record<string, number>> {
  const metric = metrics.deserialize(fromKeras(test.metric, { keepName: false }));
  const stats = jit((...batch: [Tensor, Tensor, Tensor?]) => metric.stats(...batch));
  const sums: Record<string, Float64Array> = {};
  const errors: Record<string, number> = {};
  for (const [i, batch] of test.batches.entries()) {
    const weight: [Tensor?] = batch.sample_weight === null ? [] : [tensorOf(batch.sample_weight)];
    const found = await stats(tensorOf(batch.y_true), tensorOf(batch.y_pred), ...weight);
    for (const [name, value] of Object.entries(found)) {
      const data = await value.data();
      sums[name] ??= new Float64Array(data.length);
      data.forEach((x: number | bigint, at: number) => (sums[name]![at]! += Number(x)));
    }
    errors[`batch ${i}`] = errorOf([metric.result(sums)].flat(), numbersOf(batch.result));
  }
  return errors;
}
