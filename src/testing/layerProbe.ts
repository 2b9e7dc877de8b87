import { expect } from "vitest";
import { NacreError } from "../error.js";
import { dense } from "../layers/core/dense.js";
import { input } from "../layers/core/input.js";
import type { Layer, TraceContext } from "../layers/layer.js";
import { flatten } from "../layers/shape/flatten.js";
import type { SymbolicTensor } from "../layers/symbolic.js";
import type { Variable } from "../layers/variable.js";
import { Model } from "../models/model.js";
import { constant } from "../ops/elementwise/literal.js";
import { adam } from "../optimizers/index.js";
import { keyOf, permutation, uniforms } from "../random/host.js";
import { dataTensor } from "../tensor/convert.js";
import { type TypedArray, arrayOf, isFloat } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";

/** One input of the layer under test. */
export interface LayerInput {
  /** Of one sample, without the batch axis. */
  readonly shape: readonly number[];
  /** For whole numbers: they run from 0 to `ids` − 1, as int32. Default: float32 in (−1, 1). */
  readonly ids?: number;
}

/** Rows of the data that a layer is tested on. */
export const BATCH = 3;

/** The NacreError that a call throws. */
export function mistake(call: () => unknown): NacreError {
  try {
    call();
  } catch (error) {
    if (error instanceof NacreError) return error;
    throw error;
  }
  throw new Error("expected a NacreError, but nothing was thrown");
}

/** Numbers in (−1, 1) that depend on the salt alone. */
export function floats(size: number, salt: number): Float32Array {
  return uniforms(keyOf(salt), size).map((u) => 2 * u - 1);
}

/**
 * Numbers in (−1, 1) in random order and an equal distance from each other: a largest one stays
 * the largest, and no sign changes, when a difference is taken.
 */
function spread(size: number, salt: number): Float32Array {
  return Float32Array.from(permutation(keyOf(salt), size), (place) => (2 * place + 1) / size - 1);
}

export function symbolsFor(inputs: readonly LayerInput[]): SymbolicTensor[] {
  return inputs.map(({ shape, ids }) => input(shape, { dtype: ids === undefined ? "float32" : "int32" }));
}

/** A model of the layer alone. */
export function modelOf(layer: Layer, inputs: readonly LayerInput[]): Model {
  const symbols = symbolsFor(inputs);
  return new Model({ inputs: symbols, outputs: layer(symbols) });
}

/** The layer between dense ones, so that learning needs gradients to pass through it. */
export function netOf(layer: Layer, inputs: readonly LayerInput[]): Model {
  const symbols = symbolsFor(inputs);
  const fed = symbols.map((x, i) => (isFloat(x.dtype) ? dense({ units: x.shape.at(-1) as number, name: `before_${i}` })(x) : x));
  const y = layer(fed);
  const flat = y.shape.length > 2 ? flatten()(y) : y;
  const model = new Model({ inputs: symbols, outputs: dense({ units: 2, name: "after" })(flat) });
  return model.compile({ optimizer: adam({ learningRate: 0.05 }), loss: "meanSquaredError" });
}

export function setFor(model: Model, inputs: readonly LayerInput[]) {
  const x = Object.entries(dataFor(model, inputs, BATCH)).map(
    ([name, { value, shape, dtype }]) => [name, { data: value as TypedArray, shape: shape as number[], dtype }] as const,
  );
  return { x: Object.fromEntries(x), y: { data: floats(BATCH * 2, 50), shape: [BATCH, 2] } };
}

export function dataFor(model: Model, inputs: readonly LayerInput[], batch: number): Record<string, Tensor> {
  const tensors = inputs.map(({ shape, ids }, i) => {
    const full = [batch, ...shape];
    const values = spread(full.reduce((a, b) => a * b, 1), 20 + i);
    if (ids === undefined) return dataTensor(values, "float32", full);
    return dataTensor(arrayOf("int32", values.map((u) => Math.floor(((u + 1) / 2) * ids))), "int32", full);
  });
  return Object.fromEntries(tensors.map((tensor, i) => [model.inputNames[i]!, tensor]));
}

/** Moves each variable off its first value by up to 0.3, so that zeros and ones hide nothing. */
export function jitter(model: Model): Float32Array[] {
  model.initialize(1);
  return model.variables.map((variable, i) => {
    const shift = floats(variable.size, 30 + i);
    const values = Float32Array.from(variable.value as Float32Array, (value, at) => value + 0.3 * shift[at]!);
    variable.assign(values);
    return values;
  });
}

/** The layer's inputs and then its variables, as data. */
export async function tensorsOf(model: Model, inputs: readonly LayerInput[]): Promise<Tensor[]> {
  const variables = await Promise.all(model.variables.map(async (v) => dataTensor(await v.read(), v.dtype, v.shape)));
  return [...Object.values(dataFor(model, inputs, BATCH)), ...variables];
}

/** The layer as a function of its inputs and variables. */
export function callOf(layer: Layer, inputs: number, training: boolean): (...tensors: Tensor[]) => Tensor {
  return (...tensors) => {
    const values = new Map<Variable, Tensor>(layer.variables.map((variable, i) => [variable, tensors[inputs + i]!]));
    const trace: TraceContext = {
      training,
      valueOf: (variable) => values.get(variable)!,
      key: () => constant(Uint32Array.of(5, 6), [2], "uint32"),
      update: () => {},
      addLoss: () => {},
    };
    return layer.call(trace, tensors.slice(0, inputs).map((value) => ({ value })))[0]!.value;
  };
}

export function readAll(variables: readonly Variable[]): Promise<TypedArray[]> {
  return Promise.all(variables.map((variable) => variable.read()));
}

export function equal(a: readonly TypedArray[], b: readonly TypedArray[]): boolean {
  return a.every((array, i) => array.every((value: number | bigint, at: number) => Object.is(value, b[i]![at])));
}

/** Compares two arrays, relative to max(1, |value|). */
export function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(found[i]! - wanted[i]!) / Math.max(1, Math.abs(wanted[i]!));
    expect(error, `element ${i}: found ${found[i]}, wanted ${wanted[i]}`).toBeLessThanOrEqual(tolerance);
  }
}
