import type { Kernel } from "../lower/tail/kernel.js";
import type { Scattered } from "../lower/tail/scattered.js";
import type { KernelArray, KernelFunction } from "./kernels.js";
import { engineFailed } from "./failure.js";
import type { LinearMemory } from "./linearMemory.js";

/** y = x + y and y = 0, for rows whose length is a multiple of a vector's. */
export const ADD_ROW: Kernel = { arrays: 2, scalars: 0, constants: [], steps: [{ instruction: "add", operands: [0, 1] }], outputs: [2] };
export const CLEAR_ROW: Kernel = { arrays: 0, scalars: 0, constants: [0], steps: [], outputs: [0] };

interface RowFunctions {
  readonly add: KernelFunction;
  readonly clear: KernelFunction;
}

/** An array of zeros to which rows are added for a run of kernels, and taken out again: most of it is never touched. */
export class Scatter {
  readonly array: KernelArray;
  readonly #spec: Scattered;
  readonly #memory: LinearMemory;
  readonly #functions: RowFunctions;
  /** Where rows begin that the latest run added, in bytes. */
  #filled = new Uint32Array(0);

  /** @throws ENGINE_FAILED where there is no memory for it */
  constructor(spec: Scattered, memory: LinearMemory, functions: RowFunctions) {
    const offset = memory.allocate(bytesOf(spec));
    if (offset === undefined) throw engineFailed("no memory is left for the gradient of an embedding: leave kernels out by setEngine({ withoutRules: [\"tail\"] })");
    const data = memory.view("float32", offset, spec.rows * spec.width);
    data.fill(0 as never);
    this.array = { data, offset };
    this.#spec = spec;
    this.#memory = memory;
    this.#functions = functions;
  }

  close(): void {
    this.#memory.free(this.array.offset!, bytesOf(this.#spec));
  }

  /** Adds `updates`, row by row in order. @throws ENGINE_FAILED where a place is none of the array */
  fill(updates: KernelArray, places: Int32Array): void {
    const { rows, width } = this.#spec;
    if (this.#filled.length !== places.length) this.#filled = new Uint32Array(places.length);
    const filled = this.#filled;
    const bytes = 4 * width;
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      const row = place < 0 ? place + rows : place;
      if (row < 0 || row >= rows) {
        this.#filled = new Uint32Array(0);
        throw engineFailed(`index ${place} is outside of an axis of ${rows}`);
      }
      filled[i] = row * bytes;
    }
    const to = this.array.offset!;
    const from = updates.offset;
    if (from === undefined) this.#fillFromOutside(updates.data as Float32Array);
    else {
      for (let i = 0; i < filled.length; i++) {
        const at = to + filled[i]!;
        this.#functions.add(from + i * bytes, at, at, 0, bytes);
      }
    }
  }

  /** The same for updates outside of the kernels' memory. */
  #fillFromOutside(updates: Float32Array): void {
    const { width } = this.#spec;
    const data = this.array.data as Float32Array;
    for (let i = 0; i < updates.length; i++) data[this.#filled[Math.floor(i / width)]! / 4 + (i % width)]! += updates[i]!;
  }

  /** Makes all of it zero again. */
  clear(): void {
    const to = this.array.offset!;
    for (let i = 0; i < this.#filled.length; i++) this.#functions.clear(to + this.#filled[i]!, 0, 4 * this.#spec.width);
  }
}

function bytesOf({ rows, width }: Scattered): number {
  return 4 * rows * width;
}
