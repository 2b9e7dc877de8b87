import { NacreError } from "../error.js";
import type { DType, TypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import type { Graph } from "./graph.js";

/** A graph that is ready to run. */
export interface CompiledGraph {
  /** Runs it; `donate` lists the feeds, by position, whose memory may be reused. */
  run(
    feeds: readonly (TypedArray | DeviceTensor)[],
    options?: { readonly donate?: readonly number[] },
  ): Promise<DeviceTensor[]>;
}

/** Turns graphs into programs and holds values; the engine room provides it. */
export interface Compiler {
  compile(graph: Graph): Promise<CompiledGraph>;
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
