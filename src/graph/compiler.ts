import { NacreError } from "../error.js";
import type { DType, TypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Graph } from "./graph.js";

/** What may become of the feeds of a run. */
export interface RunOptions {
  /** Positions of feeds whose memory may be reused. */
  readonly donate?: readonly number[];
  /**
   * Feeds and the outputs that are their next values: such an output may be written over the feed, all of them within
   * one turn, where no other run waits for the old value. Handles of both then show the new one.
   */
  readonly renews?: readonly Renewed[];
  /** The output whose first number has to be finite; if it is not, feeds keep their values, and outputs that renew them hold anything. */
  readonly guard?: number;
  /**
   * Called in the very turn in which feeds were written over, with all outputs and what the guard holds: whoever keeps
   * other values beside them, or feeds that could not be written over, changes these there, so that nobody sees a part
   * of the new ones. It must not throw. Not called where nothing was, or might have been, written over.
   */
  readonly renewed?: (outputs: readonly DeviceTensor[], guard: TypedArray) => void;
}

/** Positions of a feed and of the output that is its next value. */
export interface Renewed {
  readonly feed: number;
  readonly output: number;
}

/** A graph that is ready to run. */
export interface CompiledGraph {
  run(feeds: readonly (TypedArray | DeviceTensor)[], options?: RunOptions): Promise<DeviceTensor[]>;
}

/** A graph with values inside, prepared for running often. */
export interface FrozenGraph {
  /** Runs it where its free dimension has this size. */
  run(feeds: readonly (TypedArray | DeviceTensor)[], size: number): Promise<DeviceTensor[]>;
  /** Gives its memory back. */
  dispose(): void;
}

/** Turns graphs into programs and holds values; the engine room provides it. */
export interface Compiler {
  /** `rows` are inputs of which the first axis counts the rows of a batch: parts of it may then run side by side. */
  compile(graph: Graph, rows?: readonly Tensor[]): Promise<CompiledGraph>;
  /**
   * Makes inputs constants, `values` by input, in a program that takes longer to open and runs
   * faster, for all sizes of the one free dimension `symbol`. Undefined where the engine gains nothing by it.
   */
  freeze(graph: Graph, values: ReadonlyMap<Tensor, TypedArray>, symbol: string): Promise<FrozenGraph | undefined>;
  /** Copies host data into the engine's memory, where it stays from run to run. */
  upload(data: TypedArray, dtype: DType, shape: readonly number[]): Promise<DeviceTensor>;
  /** Gives memory back for reuse. */
  release(value: DeviceTensor): void;
}

let current: Compiler | undefined;

/** Installs what compiles graphs; called once by the package's entry. */
export function setCompiler(compiler: Compiler): void {
  current = compiler;
}

export function getCompiler(): Compiler {
  if (current !== undefined) return current;
  throw new NacreError({
    code: "NO_ENGINE",
    where: "compiler",
    expected: "an engine",
    received: "none",
    fix: 'import from "nacre", which installs one',
  });
}
