import { readFileSync } from "node:fs";
import { input } from "../layers/core/input.js";
import type { TraceContext } from "../layers/layer.js";
import type { KerasObject } from "../models/interop/kerasConfig.js";
import { layerFromKeras } from "../models/interop/kerasLayers.js";
import { dataTensor } from "../tensor/convert.js";
import { type DType, arrayOf } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";

/** A tensor as `scripts/fixtures/keras_media.py` stores it. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** One call of a layer in Keras. */
export interface KerasCase {
  readonly name: string;
  readonly layer: KerasObject;
  readonly training: boolean;
  readonly input: StoredTensor;
  /** In Keras's order. */
  readonly weights: readonly StoredTensor[];
  readonly output: StoredTensor;
}

export function readCases(file: URL): readonly KerasCase[] {
  return JSON.parse(readFileSync(file, "utf8")) as KerasCase[];
}

export function tensorOf({ dtype, shape, data }: StoredTensor): Tensor {
  return dataTensor(arrayOf(dtype, data), dtype, shape);
}

/** What the layer that Keras's configuration describes gives here; `word` is the first of its keys. */
export function outputOf({ layer: object, training, input: x, weights }: KerasCase, word = 1): Tensor {
  const layer = layerFromKeras(object);
  layer(input(x.shape.slice(1), { dtype: x.dtype }));
  let uses = word;
  const trace: TraceContext = {
    training,
    valueOf: (variable) => tensorOf(weights[layer.variables.indexOf(variable)]!),
    key: () => dataTensor(Uint32Array.of(uses++, 2), "uint32", [2]),
    update: () => {},
    addLoss: () => {},
  };
  return layer.call(trace, [{ value: tensorOf(x) }])[0]!.value;
}
