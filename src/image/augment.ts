import type { Batch, Column, ColumnSpec, Dataset } from "../data/index.js";
import { NacreError, checkOptions } from "../error.js";
import { input } from "../layers/core/input.js";
import type { Layer, Masked, TraceContext } from "../layers/layer.js";
import { foldIn, type Key, keyOf } from "../random/index.js";
import { dataTensor } from "../tensor/convert.js";
import { allocate, type TypedArray } from "../tensor/dtype.js";
import { getRuntime } from "../tensor/runtime.js";

/** Options of {@link augment}. */
export interface AugmentOptions {
  /** The column of images. Default: the dataset's only input. */
  readonly images?: string;
  /** The column of labels that layers like {@link mixUp} blend; null for none. Default: the dataset's only label, if it has one. */
  readonly labels?: string | null;
  /** The number of classes, to turn labels that are class numbers into one-hot rows. Default: labels stay as they are. */
  readonly classes?: number;
  /** Equal seeds give equal draws. Default 0. */
  readonly seed?: number;
}

/**
 * A dataset whose images are changed by layers at each pass, each time anew: what the layers would
 * do inside of a model while it trains, but labels can change too. Draws follow from seed, epoch
 * and the rows of a batch, so that a resumed run sees the same images.
 *
 * Layers that blend labels, such as {@link mixUp}, need them as shares: give `classes` where they
 * are class numbers, and train with categoricalCrossentropy. Keep data for validation out of it.
 *
 * @throws BAD_ARGUMENT when the dataset has several inputs or labels and none is named
 * @throws BAD_DATA when a label is no class number below `classes`
 * @example
 * const varied = augment(train, [randomFlip({ mode: "horizontal" }), cutMix()], { classes: 10, seed: 1 });
 * const { value: batch } = await varied.batches({ batchSize: 4 })[Symbol.asyncIterator]().next();
 * console.log(batch.label.shape); // [4, 10]
 */
export function augment(dataset: Dataset, layers: Layer | readonly Layer[], options: AugmentOptions = {}): Dataset {
  checkOptions("augment", options, ["images", "labels", "classes", "seed"]);
  const { classes, seed = 0 } = options;
  const list = Array.isArray(layers) ? (layers as readonly Layer[]) : [layers as Layer];
  const images = options.images ?? only(dataset.inputs, "images");
  const labels = options.labels ?? (options.labels === null || dataset.labels.length === 0 ? undefined : only(dataset.labels, "labels"));
  const key = keyOf(seed);
  const columns = { ...dataset.columns, [images]: shapeAfter(list, known(dataset, "images", images)) };
  if (labels !== undefined) known(dataset, "labels", labels);
  const oneHot = labels !== undefined && classes !== undefined;
  // Labels go through the layers only where one changes them: others leave them as they are, class numbers too.
  const blended = list.some(mixes) ? labels : undefined;
  if (oneHot) columns[labels] = { dtype: "float32", shape: [classes] };
  return dataset.mapBatches(
    async (batch, { indices, epoch }) => {
      const given: Batch = oneHot ? { ...batch, [labels]: oneHotRows(batch[labels]!, classes) } : batch;
      // The first row of a batch differs from batch to batch of a pass.
      const drawn = foldIn(foldIn(key, epoch), indices[0] ?? 0);
      return changed(given, list, drawn, images, blended);
    },
    { columns },
  );
}

async function changed(batch: Batch, layers: readonly Layer[], key: Key, images: string, labels: string | undefined): Promise<Batch> {
  const names = labels === undefined ? [images] : [images, labels];
  let values: readonly Masked[] = names.map((name) => ({ value: tensorOf(batch[name]!) }));
  layers.forEach((layer, i) => {
    const outputs = layer.call(traceOf(foldIn(key, i)), mixes(layer) ? values : values.slice(0, 1));
    values = [...outputs, ...values.slice(outputs.length)];
  });
  const tensors = values.map(({ value }) => value);
  const pending = tensors.filter(({ value }) => value === undefined);
  if (pending.length > 0) await getRuntime().evaluate(pending);
  const columns = await Promise.all(
    tensors.map(async (tensor, i): Promise<[string, Column]> => [
      names[i]!,
      { dtype: tensor.dtype, shape: tensor.shape as number[], data: (await tensor.data()) as TypedArray },
    ]),
  );
  return { ...batch, ...Object.fromEntries(columns) };
}

/** A trace of training outside of a model: there are no weights, and keys are fed as data. */
function traceOf(key: Key): TraceContext {
  let uses = 0;
  return {
    training: true,
    valueOf: (variable) => dataTensor(variable.value as TypedArray, variable.dtype, variable.shape),
    key: () => dataTensor(Uint32Array.from(foldIn(key, uses++)), "uint32", [2]),
    update: () => {},
    addLoss: () => {},
  };
}

/** Whether a layer takes labels beside images. */
function mixes(layer: Layer): boolean {
  return layer.className === "MixUp" || layer.className === "CutMix";
}

function tensorOf({ data, dtype, shape }: Column) {
  return dataTensor(data, dtype, shape);
}

function shapeAfter(layers: readonly Layer[], { dtype, shape }: ColumnSpec): ColumnSpec {
  const after = layers.reduce((x, layer) => layer(x), input(shape, { dtype }));
  return { dtype: after.dtype, shape: after.shape.slice(1) as number[] };
}

function oneHotRows({ data, shape }: Column, classes: number): Column {
  const rows = shape[0]!;
  const out = allocate("float32", rows * classes);
  for (let row = 0; row < rows; row++) {
    const label = Number(data[row]);
    if (!Number.isInteger(label) || label < 0 || label >= classes || data.length !== rows) {
      throw new NacreError({
        code: "BAD_DATA",
        where: "augment, labels",
        expected: `one class number from 0 to ${classes - 1} for each image`,
        received: data.length === rows ? String(data[row]) : `labels of shape [${shape.join(", ")}]`,
        fix: "set classes to the number of classes, or leave it away where labels are shares already",
      });
    }
    out[row * classes + label] = 1;
  }
  return { dtype: "float32", shape: [rows, classes], data: out };
}

function known(dataset: Dataset, option: string, name: string): ColumnSpec {
  const spec = Object.hasOwn(dataset.columns, name) ? dataset.columns[name] : undefined;
  if (spec !== undefined) return spec;
  throw notNamed(option, `one of the columns ${Object.keys(dataset.columns).join(", ")}`, `"${name}"`);
}

function only(names: readonly string[], option: string): string {
  if (names.length === 1) return names[0]!;
  throw notNamed(option, `the name of one of the columns ${names.join(", ")}`, "nothing");
}

function notNamed(option: string, expected: string, received: string): NacreError {
  return new NacreError({ code: "BAD_ARGUMENT", where: `augment, option ${option}`, expected, received, fix: `name the column, as in ${option}: "input"` });
}
