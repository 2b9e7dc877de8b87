import { type ArrayData, checkRows, toColumn } from "../data/arrays.js";
import { type Batch, type Column, countedRows, rowCount, sliceRows, withOrigin } from "../data/column.js";
import { Dataset } from "../data/index.js";
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
  if (!initialized.has(model)) {
    model.initialize();
    initialized.add(model);
  }
  const parts: Tensor[][] = [];
  if (data instanceof Dataset) {
    const feeder = new Feeder(model, data);
    // `batch` also undoes the dataset's wish to leave out a short last one: every row counts here.
    for await (const batch of data.batch(batchSize).batches({ memory: new Map() })) parts.push(await stepper.predict(feeder.step(batch)));
  } else {
    const batch = await toBatch(model, data);
    const feeder = feederFor(model, Object.keys(batch));
    const rows = rowCount(batch);
    for (let from = 0; from < rows; from += batchSize) {
      const some = rows <= batchSize ? batch : sliceRows(batch, from, Math.min(rows, from + batchSize));
      parts.push(await stepper.predict(feeder.step(some)));
    }
  }
  if (parts.length === 0) throw noRows("predict");
  return parts.length === 1 ? parts[0]! : Promise.all(model.outputNames.map((_, i) => join(parts.map((outputs) => outputs[i]!))));
}

/** Models whose variables all have values, which they never lose. */
const initialized = new WeakSet<Trainable>();

/** For columns with the names of the inputs; one row is predicted in less time than it takes to make one. */
const feeders = new WeakMap<Trainable, Feeder>();

function feederFor(model: Trainable, inputs: readonly string[]): Feeder {
  if (inputs.length !== model.inputNames.length || inputs.some((name) => !model.inputNames.includes(name))) {
    return new Feeder(model, { inputs, labels: [] });
  }
  let feeder = feeders.get(model);
  if (feeder === undefined) feeders.set(model, (feeder = new Feeder(model, { inputs, labels: [] })));
  return feeder;
}

/** All rows as one batch. */
async function toBatch(model: Trainable, data: Exclude<PredictData, Dataset>): Promise<Batch> {
  const { inputNames } = model;
  if (!Array.isArray(data) && !isTypedArray(data) && (!isRecord(data) || Object.keys(data).length === 0)) {
    throw wrongKind("predict", "a tensor, an array or a dataset, or an object of them by input name", data);
  }
  const single = data instanceof Tensor || Array.isArray(data) || isTypedArray(data) || isShaped(model, data);
  requireNamed("predict", single ? [data] : data, inputNames);
  const batch: Batch = {};
  for (const [name, value] of single ? ([[inputNames[0]!, data]] as const) : Object.entries(data)) {
    batch[name] = await inputColumn(model, name, value as Tensor | ArrayData);
  }
  checkRows(batch);
  return withOrigin(batch, countedRows(0, rowCount(batch)));
}

async function inputColumn(model: Trainable, name: string, value: Tensor | ArrayData): Promise<Column> {
  if (value instanceof Tensor) {
    const shape = concreteShape(value.shape, `predict "${name}"`);
    return toColumn(name, { data: await value.data(), shape, dtype: value.dtype });
  }
  return toColumn(name, isTypedArray(value) ? rows(model, name, value) : value);
}

/** Whether `data` is a flat array with its shape, and no object of arrays by input name. */
function isShaped(model: Trainable, data: object): boolean {
  return "data" in data && isTypedArray(data.data) && !model.inputNames.includes("data");
}

/** A flat typed array as rows of the input's shape. */
function rows(model: Trainable, name: string, data: TypedArray): { data: TypedArray; shape: number[] } {
  const input = model.inputs[model.inputNames.indexOf(name)];
  const sample = input === undefined ? [] : concreteShape(input.shape.slice(1), `predict "${name}"`);
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
