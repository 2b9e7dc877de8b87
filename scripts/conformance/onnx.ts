import { grad } from "../../src/autodiff/index.js";
import type { ArrayData } from "../../src/data/index.js";
import * as losses from "../../src/losses/index.js";
import { importOnnx } from "../../src/models/importOnnx.js";
import type { Model } from "../../src/models/model.js";
import { sgd } from "../../src/optimizers/index.js";
import { dataTensor } from "../../src/tensor/convert.js";
import { arrayOf } from "../../src/tensor/dtype.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { ModelTrace } from "../../src/train/trace.js";
import { type Outcome, type StoredArray, TOLERANCE, errorOf, numbersOf, outcomeOf, tensorOf } from "./format.js";

/** A case of an exported model; the model lies beside it. */
export interface OnnxCase {
  readonly name: string;
  readonly inputs: Readonly<Record<string, StoredArray>>;
  readonly target: StoredArray;
  readonly loss: string;
  readonly output: StoredArray;
  /** By the name of the stored tensor. */
  readonly grads: Readonly<Record<string, StoredArray>>;
  /** By the name of the input. */
  readonly input_grads?: Readonly<Record<string, StoredArray>>;
  readonly sgd: { readonly learning_rate: number; readonly losses: readonly number[] };
}

/** Each step's loss, before its update, on float32. */
const LOSS_TOLERANCE = { absolute: 1e-5, relative: 1e-3 };
/** Gradients of small weights are sums of large parts that cancel. */
const GRAD_TOLERANCE = { absolute: 2e-5, relative: 1e-3 };

/** Compares what an exported model gives, its gradients, and how it trains, with PyTorch. */
export async function* run(file: OnnxCase, path: string): AsyncGenerator<Outcome> {
  yield await outcomeOf(file.name, () => measure(file, path.replace(/\.json$/, ".onnx")));
}

async function measure(test: OnnxCase, path: string): Promise<Record<string, number>> {
  // PyTorch trains its parameters alone, not its buffers.
  const model = await importOnnx(path, { trainable: Object.keys(test.grads) });
  const x = Object.fromEntries(Object.entries(test.inputs).map(([name, stored]) => [name, arrayFrom(stored)]));
  const errors: Record<string, number> = { output: await outputError(model, x, test.output) };
  const wanted = { ...test.grads, ...test.input_grads };
  for (const [name, got] of await gradientsOf(model, test)) errors[`gradient of ${name}`] = errorOf(got, numbersOf(wanted[name]!), GRAD_TOLERANCE);
  model.compile({ optimizer: sgd({ learningRate: test.sgd.learning_rate }), loss: lossOf(test) });
  for (const [step, want] of test.sgd.losses.entries()) {
    const { loss } = await model.trainOnBatch({ x, y: arrayFrom(test.target) });
    errors[`loss of step ${step}`] = errorOf([loss], [want], LOSS_TOLERANCE);
  }
  return errors;
}

/** The gradient of the loss with respect to each stored tensor and each input that the case names. */
async function gradientsOf(model: Model, test: OnnxCase): Promise<[name: string, gradient: ArrayLike<number | bigint>][]> {
  const stored = await Promise.all(
    model.variables.map(async (variable) => [variable.name, dataTensor(await variable.read(), variable.dtype, variable.shape)] as const),
  );
  const all: Readonly<Record<string, Tensor>> = Object.fromEntries(stored);
  const inputs = Object.fromEntries(model.inputNames.map((name) => [name, tensorOf(test.inputs[name]!)]));
  const [loss, target] = [lossOf(test), tensorOf(test.target)];
  const wanted = Object.fromEntries([
    ...Object.keys(test.grads).map((name) => [name, all[name]!] as const),
    ...Object.keys(test.input_grads ?? {}).map((name) => [name, inputs[name]!] as const),
  ]);
  const lossFrom = (values: Readonly<Record<string, Tensor>>): Tensor => {
    const trace = new ModelTrace({ training: true });
    trace.valueOf = (variable) => values[variable.name] ?? all[variable.name]!;
    const given = model.inputNames.map((name) => ({ value: values[name] ?? inputs[name]! }));
    return losses.reduceLoss(loss, target, model.call(trace, given)[0]!.value);
  };
  const gradients = grad(lossFrom)(wanted);
  return Promise.all(Object.entries(gradients).map(async ([name, tensor]) => [name, await tensor.data()] as [string, ArrayLike<number | bigint>]));
}

function lossOf({ loss }: OnnxCase): losses.Loss {
  if (loss === "mean squared error") return losses.meanSquaredError();
  if (loss === "softmax cross-entropy over the last axis, mean") return losses.sparseCategoricalCrossentropy({ fromLogits: true });
  throw new Error(`no loss "${loss}"`);
}

function arrayFrom(stored: StoredArray): ArrayData {
  return { data: arrayOf(stored.dtype, numbersOf(stored)), shape: stored.shape };
}

async function outputError(model: Model, x: Readonly<Record<string, ArrayData>>, want: StoredArray): Promise<number> {
  const got = await model.predict(x);
  return got.shape.join() === want.shape.join() ? errorOf(await got.data(), numbersOf(want), TOLERANCE) : Infinity;
}
