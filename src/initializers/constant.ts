import { shapeMistake } from "./shapeMistake.js";
import { type Initializer, elements, makeInitializer } from "./initializer.js";

/**
 * Zeros.
 *
 * @example
 * layers.dense({ units: 10, kernelInitializer: initializers.zeros() });
 */
export function zeros(options: Record<never, never> = {}): Initializer {
  return makeInitializer("Zeros", {}, options, (shape) => new Float32Array(elements(shape)));
}

/**
 * Ones.
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.ones() });
 */
export function ones(options: Record<never, never> = {}): Initializer {
  return makeInitializer("Ones", {}, options, (shape) => new Float32Array(elements(shape)).fill(1));
}

/** Options of {@link constant}. */
export interface ConstantOptions {
  /** Any finite number. Default 0. */
  readonly value?: number;
}

/**
 * One value everywhere.
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.constant({ value: 0.5 }) });
 */
export function constant(options: ConstantOptions = {}): Initializer {
  return makeInitializer("Constant", { value: 0 }, options, (shape, { value }) =>
    new Float32Array(elements(shape)).fill(value),
  );
}

/** Options of {@link identity}. */
export interface IdentityOptions {
  /** What stands on the diagonal. Default 1. */
  readonly gain?: number;
}

/**
 * `gain` on the diagonal of a matrix, 0 elsewhere.
 *
 * @throws SHAPE_MISMATCH when the weight is not a matrix
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.identity() });
 */
export function identity(options: IdentityOptions = {}): Initializer {
  return makeInitializer("Identity", { gain: 1 }, options, (shape, { gain }) => {
    const [rows, columns] = shape;
    if (shape.length !== 2) throw shapeMistake("Identity", "a weight with 2 axes", shape);
    const out = new Float32Array(elements(shape));
    for (let i = 0; i < Math.min(rows!, columns!); i++) out[i * columns! + i] = gain;
    return out;
  });
}
