import { Dataset, fromArrays } from "../data/index.js";
import { NacreError, isRecord, wrongKind } from "../error.js";
import { allocate, isTypedArray, type TypedArray } from "../tensor/dtype.js";
import { concreteShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { Feeder, noRows } from "../train/feeds.js";
import type { Stepper } from "../train/stepper.js";
import type { Trainable } from "../train/trainable.js";
import { requireNamed } from "./fitData.js";
import type { PredictData } from "./options.js";

/** Runs a model over data in batches and joins the outputs. */
export async function runPredict(
  model: Trainable,
  stepper: Stepper,
  data: PredictData,
  batchSize: number,
): Promise<Tensor[]> {
  const dataset = await toInputs(model, data);
  const feeder = new Feeder(model, dataset);
  const parts: Tensor[][] = model.outputNames.map(() => []);
  // `batch` also undoes the dataset's wish to leave out a short last one: every row counts here.
  for await (const batch of dataset.batch(batchSize).batches()) {
    const outputs = await stepper.predict(feeder.step(batch));
    outputs.forEach((output, i) => parts[i]!.push(output));
  }
  if (parts[0]!.length === 0) throw noRows("predict");
  return Promise.all(parts.map(join));
}

async function toInputs(model: Trainable, data: PredictData): Promise<Dataset> {
  if (data instanceof Dataset) return data;
  const { inputNames } = model;
  if (!Array.isArray(data) && !isTypedArray(data) && (!isRecord(data) || Object.keys(data).length === 0)) {
    throw wrongKind("predict", "a tensor, an array or a dataset, or an object of them by input name", data);
  }
  if (data instanceof Tensor || isShaped(model, data)) requireNamed("predict", [data], inputNames);
  else requireNamed("predict", data, inputNames);
  const single = data instanceof Tensor || Array.isArray(data) || isTypedArray(data) || isShaped(model, data);
  const named = single ? { [model.inputNames[0]!]: data } : (data as Record<string, never>);
  const entries = await Promise.all(
    Object.entries(named).map(async ([name, value]) => {
      if (value instanceof Tensor) {
        const shape = concreteShape(value.shape, `predict "${name}"`);
        return [name, { data: await value.data(), shape, dtype: value.dtype }] as const;
      }
      return [name, isTypedArray(value) ? rows(model, name, value) : value] as const;
    }),
  );
  return fromArrays({ inputs: Object.fromEntries(entries) as never });
}

/** Whether `data` is a flat array with its shape, and no object of arrays by input name. */
function isShaped(model: Trainable, data: object): boolean {
  return "data" in data && isTypedArray(data.data) && !model.inputNames.includes("data");
}

/** A flat typed array as rows of the input's shape. */
function rows(model: Trainable, name: string, data: TypedArray): { data: TypedArray; shape: number[] } {
  const input = model.inputs[model.inputNames.indexOf(name)];
  const sample = input === undefined ? [] : (input.shape.slice(1) as number[]);
  const size = sample.reduce((product, dim) => product * dim, 1);
  if (data.length % size !== 0) {
    throw new NacreError({
      code: "SHAPE_MISMATCH",
      where: `input "${name}"`,
      expected: `a multiple of ${size} elements, for rows of shape [${sample.join(", ")}]`,
      received: String(data.length),
      fix: "pass whole rows",
    });
  }
  return { data, shape: [data.length / size, ...sample] };
}

/** Tensors joined along the batch axis. */
async function join(parts: readonly Tensor[]): Promise<Tensor> {
  if (parts.length === 1) return parts[0]!;
  const arrays = await Promise.all(parts.map((part) => part.data()));
  const { dtype, shape } = parts[0]!;
  const data = allocate(dtype, arrays.reduce((sum, array) => sum + array.length, 0));
  let offset = 0;
  for (const array of arrays) {
    data.set(array as never, offset);
    offset += array.length;
  }
  const batch = parts.reduce((sum, part) => sum + (part.shape[0] as number), 0);
  return new Tensor({ dtype, shape: [batch, ...shape.slice(1)], value: data });
}
