import { less } from "../ops/elementwise/compare.js";
import { randomNormal, randomUniform } from "../ops/random/draws.js";
import { where } from "../ops/elementwise/where.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Random numbers, one for each image of a batch, as float32 [B,1,1,1]. Each call draws anew. */
export class Draws {
  readonly batch: number;
  readonly #key: () => Tensor;

  constructor(key: () => Tensor, batch: number) {
    this.#key = key;
    this.batch = batch;
  }

  /** Uniform from low to high; `low` itself where both are one. */
  uniform([low, high]: readonly [low: number, high: number], rest: readonly number[] = [1, 1, 1]): Tensor {
    return randomUniform(this.#key(), [this.batch, ...rest], low, high);
  }

  /** Uniform from low to high, one number for the whole batch. [] */
  once([low, high]: readonly [low: number, high: number]): Tensor {
    return randomUniform(this.#key(), [], low, high);
  }

  /** Normal numbers of mean 0 and deviation 1 in any shape. */
  normal(shape: Shape): Tensor {
    return randomNormal(this.#key(), shape);
  }

  /** True with a probability that is itself drawn from a range, for each image. */
  chance(range: readonly [low: number, high: number]): Tensor {
    return less(this.uniform([0, 1]), this.uniform(range));
  }

  /** −1 or 1, each in half of all cases. */
  sign(): Tensor {
    return where(less(this.uniform([0, 1]), 0.5), -1, 1);
  }
}
