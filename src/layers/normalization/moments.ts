import { NacreError } from "../../error.js";
import { formatShape } from "../../tensor/shape.js";

/** Running means and biased variances, in float64, of all numbers that agree in some axes. */
export class Moments {
  /** Of the first batch. */
  readonly shape: readonly number[];
  readonly mean: Float64Array;
  rows = 0;
  readonly #squares: Float64Array;
  readonly #counts: Float64Array;
  readonly #kept: readonly number[];

  constructor(shape: readonly number[], kept: readonly number[]) {
    this.shape = shape;
    this.#kept = kept;
    const size = kept.reduce((product, axis) => product * shape[axis]!, 1);
    this.mean = new Float64Array(size);
    this.#squares = new Float64Array(size);
    this.#counts = new Float64Array(size);
  }

  get variance(): Float64Array {
    return this.#squares.map((sum, i) => sum / this.#counts[i]!);
  }

  /** Takes in a batch. Welford's update, which does not cancel. @throws SHAPE_MISMATCH when its rows have another shape */
  add(data: ArrayLike<number | bigint>, shape: readonly number[], where: string): void {
    if (shape.slice(1).join() !== this.shape.slice(1).join()) throw otherShape(where, this.shape, shape);
    this.rows += shape[0]!;
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, dim) => product * dim, 1));
    for (let i = 0; i < data.length; i++) {
      let place = 0;
      for (const axis of this.#kept) place = place * shape[axis]! + (Math.floor(i / strides[axis]!) % shape[axis]!);
      const x = Number(data[i]);
      const count = (this.#counts[place] = this.#counts[place]! + 1);
      const step = x - this.mean[place]!;
      this.mean[place] = this.mean[place]! + step / count;
      this.#squares[place] = this.#squares[place]! + step * (x - this.mean[place]!);
    }
  }
}

function otherShape(where: string, wanted: readonly number[], received: readonly number[]): NacreError {
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where: `${where}, adapt`,
    expected: `rows of shape ${formatShape(wanted.slice(1))}`,
    received: formatShape(received.slice(1)),
    fix: "bring all batches to one shape",
  });
}
