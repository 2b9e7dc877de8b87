import { type Kernel, LANE_BYTES, moduleOf } from "../lower/tail/kernel.js";
import type { KernelCall, Operand, Tail } from "../lower/tail/tail.js";
import type { TypedArray } from "../tensor/dtype.js";
import type { Scattered } from "../lower/tail/scattered.js";
import { engineFailed } from "./failure.js";
import { type LinearMemory, MAXIMUM_PAGES } from "./linearMemory.js";
import { ADD_ROW, CLEAR_ROW, Scatter } from "./scatter.js";

/** Arrays outside of the shared memory come in pieces of so many bytes. */
const WINDOW_BYTES = 2 ** 14;

/** So many bytes of each array take about a millisecond. */
const PART_BYTES = 2 ** 22;

/** An array that kernels read or write; without an offset it lies outside of their memory. */
export interface KernelArray {
  readonly data: TypedArray;
  readonly offset: number | undefined;
}

export type KernelFunction = (...addressesAndRange: number[]) => void;

/** What happens between the parts of a run. */
export interface KernelEvents {
  /** Called now and then; it may let the event loop have a turn. */
  readonly breathe: () => Promise<void> | undefined;
  /** Told how long each call took. */
  readonly ran: ((scope: string, ms: number) => void) | undefined;
  /** Called in the turn of the last write. */
  readonly done?: (() => void) | undefined;
}

/** A call that is ready to run. */
interface Prepared extends KernelCall {
  readonly run: KernelFunction;
  /** Where scalars lie, then windows for arrays and outputs from outside. */
  readonly scratch: number;
}

/** Runs what follows a model's run, in the thread of the event loop. */
export class Kernels {
  readonly #memory: LinearMemory;
  readonly #calls: readonly Prepared[];
  readonly #scratchBytes: number;
  readonly #scatters: readonly { readonly spec: Scattered; readonly scatter: Scatter }[];

  /** @throws ENGINE_FAILED where there is no memory for it */
  constructor({ calls, scattered }: Tail, memory: LinearMemory) {
    this.#memory = memory;
    this.#scratchBytes = Math.max(...calls.map(({ scalars, arrays, outputs }) => scalarBytes(scalars.length) + WINDOW_BYTES * (arrays.length + outputs.length)));
    const scratch = memory.allocate(this.#scratchBytes);
    if (scratch === undefined) throw engineFailed("no memory is left for kernels: leave them out by setEngine({ withoutRules: [\"tail\"] })");
    this.#calls = calls.map((call) => ({ ...call, run: functionOf(call.kernel, memory), scratch }));
    this.#scatters = scattered.map((spec) => ({ spec, scatter: new Scatter(spec, memory, { add: functionOf(ADD_ROW, memory), clear: functionOf(CLEAR_ROW, memory) }) }));
  }

  close(): void {
    for (const { scatter } of this.#scatters) scatter.close();
    this.#memory.free(this.#calls[0]!.scratch, this.#scratchBytes);
  }

  /** Runs all calls and gives the ms that they took; `given` gives their operands, `outputs` are those of the program. */
  async run(given: (operand: Operand) => KernelArray, outputs: readonly KernelArray[], { breathe, ran, done }: KernelEvents): Promise<number> {
    const start = performance.now();
    try {
      for (const { spec, scatter } of this.#scatters) scatter.fill(given(spec.updates), given(spec.places).data as Int32Array);
    } catch (error) {
      // Rows of those that were filled before the one that failed.
      for (const { scatter } of this.#scatters) scatter.clear();
      throw error;
    }
    const arrayOf = (operand: Operand): KernelArray => (operand.from === "scattered" ? this.#scatters[operand.at]!.scatter.array : given(operand));
    let total = performance.now() - start;
    for (const call of this.#calls) {
      let begin = performance.now();
      let ms = 0;
      const numbers = this.#memory.view("float32", call.scratch, call.scalars.length) as Float32Array;
      call.scalars.forEach((operand, i) => (numbers[i] = (arrayOf(operand).data as Float32Array)[0]!));
      const inputs = call.arrays.map(arrayOf);
      const results = call.outputs.map((at) => outputs[at]!);
      const inside = [...inputs, ...results].every(({ offset }) => offset !== undefined);
      const step = inside ? PART_BYTES : WINDOW_BYTES;
      const bytes = call.size * 4;
      for (let first = 0; first < bytes; first += step) {
        const end = Math.min(bytes, first + step);
        if (inside) this.#call(call, inputs, results, first, end);
        else this.#callThroughWindows(call, inputs, results, first, end);
        ms += performance.now() - begin;
        const pause = breathe();
        if (pause !== undefined) await pause;
        begin = performance.now();
      }
      total += ms;
      ran?.(call.scope, ms);
    }
    for (const { scatter } of this.#scatters) scatter.clear();
    done?.();
    return total;
  }

  #call({ run, scratch, scalars }: Prepared, inputs: readonly KernelArray[], results: readonly KernelArray[], begin: number, end: number): void {
    const addresses: number[] = [];
    for (const { offset } of inputs) addresses.push(offset!);
    for (let i = 0; i < scalars.length; i++) addresses.push(scratch + 4 * i);
    for (const { offset } of results) addresses.push(offset!);
    run(...addresses, begin, end);
  }

  /** The same with all arrays copied, for those that lie outside. */
  #callThroughWindows({ run, scratch, scalars }: Prepared, inputs: readonly KernelArray[], results: readonly KernelArray[], begin: number, end: number): void {
    const window = (i: number): number => scratch + scalarBytes(scalars.length) + i * WINDOW_BYTES;
    const length = (end - begin) / 4;
    const view = (i: number): Float32Array => this.#memory.view("float32", window(i), length) as Float32Array;
    const part = ({ data }: KernelArray): Float32Array => (data as Float32Array).subarray(begin / 4, begin / 4 + length);
    inputs.forEach((array, i) => view(i).set(part(array)));
    run(...inputs.map((_, i) => window(i)), ...scalars.map((_, i) => scratch + 4 * i), ...results.map((_, i) => window(inputs.length + i)), 0, end - begin);
    results.forEach((array, i) => part(array).set(view(inputs.length + i)));
  }
}

function scalarBytes(count: number): number {
  return Math.ceil((4 * count) / LANE_BYTES) * LANE_BYTES;
}

/** Compiled kernels by memory and by what they do: weights of any size share one. */
const compiled = new WeakMap<LinearMemory, Map<string, KernelFunction>>();

function functionOf(kernel: Kernel, memory: LinearMemory): KernelFunction {
  const known = compiled.get(memory) ?? new Map<string, KernelFunction>();
  compiled.set(memory, known);
  const key = JSON.stringify(kernel);
  let run = known.get(key);
  if (run === undefined) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(kernel, MAXIMUM_PAGES)), { m: { m: memory.memory } });
    known.set(key, (run = exports["k"] as KernelFunction));
  }
  return run;
}
