import { jit } from "../../src/autodiff/index.js";
import { type KerasObject, fromKeras } from "../../src/models/interop/kerasConfig.js";
import * as optimizers from "../../src/optimizers/index.js";
import { registry as optimizerRegistry } from "../../src/optimizers/optimizer.js";
import * as schedules from "../../src/schedules/index.js";
import { registry as scheduleRegistry } from "../../src/schedules/schedule.js";
import { full } from "../../src/ops/shape/fill.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { type Outcome, type StoredArray, errorOf, numbersOf, outcomeOf, tensorOf } from "./format.js";

interface OptimizerCase {
  readonly name: string;
  readonly optimizer: KerasObject;
  readonly start: readonly StoredArray[];
  /** Of each step, of each weight. */
  readonly grads: readonly (readonly StoredArray[])[];
  readonly weights: readonly (readonly StoredArray[])[];
}

interface ScheduleCase {
  readonly schedule: KerasObject;
  readonly values: readonly number[];
}

/** Compares weights after each step of each optimizer, and each schedule's values, with Keras's. */
export async function* run(file: {
  readonly optimizers: readonly OptimizerCase[];
  readonly schedules: readonly ScheduleCase[];
}): AsyncGenerator<Outcome> {
  for (const test of file.optimizers) {
    const { name } = test;
    if (!optimizerRegistry.has(test.optimizer.class_name)) {
      yield { name, status: "skipped", reason: `no optimizer ${test.optimizer.class_name}` };
    } else yield await outcomeOf(name, () => measureOptimizer(test));
  }
  for (const [i, test] of file.schedules.entries()) {
    const name = `${test.schedule.class_name} ${i}`;
    if (!scheduleRegistry.has(test.schedule.class_name)) {
      yield { name, status: "skipped", reason: `no schedule ${test.schedule.class_name}` };
    } else yield await outcomeOf(name, () => measureSchedule(test));
  }
}

interface State {
  readonly weight: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
}

async function measureOptimizer(test: OptimizerCase): Promise<Record<string, number>> {
  const optimizer = optimizers.deserialize(fromKeras(test.optimizer, { keepName: false }));
  const step = jit((states: readonly State[], grads: readonly Tensor[], scalars: Readonly<Record<string, Tensor>>) => {
    const variables = states.map((state, i) => ({ ...state, path: `weight${i}`, grad: grads[i]! }));
    return optimizers.applyOptimizer(optimizer, variables, scalars);
  });
  let states: readonly State[] = test.start.map((stored, i) => {
    const slots = Object.entries(optimizer.slots({ path: `weight${i}`, shape: stored.shape }));
    return {
      weight: tensorOf(stored),
      slots: Object.fromEntries(slots.map(([name, { shape, initial }]) => [name, full(shape, initial)])),
    };
  });
  const errors: Record<string, number> = {};
  for (const [i, grads] of test.grads.entries()) {
    // Numbers become scalar inputs of the jitted step.
    states = await step(states, grads.map(tensorOf), optimizer.scalars(i) as never);
    for (const [w, want] of test.weights[i]!.entries()) {
      errors[`step ${i}, weight ${w}`] = errorOf(await states[w]!.weight.data(), numbersOf(want));
    }
  }
  return errors;
}

function measureSchedule(test: ScheduleCase): Promise<Record<string, number>> {
  const schedule = schedules.deserialize(fromKeras(test.schedule, { keepName: false }));
  const got = test.values.map((_, step) => schedule.at(step));
  return Promise.resolve({ values: errorOf(got, test.values) });
}
