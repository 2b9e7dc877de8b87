import type { RunOptions } from "../graph/compiler.js";
import type { Tail } from "../lower/tail/tail.js";
import type { DType, TypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";

/** Name, dtype and concrete shape of one input or output of a program. */
export interface PortSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** An ONNX model with the ports that the engine binds, in order. */
export interface Program {
  readonly model: Uint8Array;
  readonly inputs: readonly PortSpec[];
  readonly outputs: readonly PortSpec[];
  /**
   * The name of a program that holds its weights and will run often. ONNX Runtime takes its time to
   * prepare it, and all programs of the name share the session, whatever sizes their ports have.
   */
  readonly frozen?: string;
  /** Whether other runs of it happen at the same time, each on a part of a batch. */
  readonly abreast?: boolean;
  /** Positions of inputs that nobody needs after a run: outputs may come to lie in their memory. */
  readonly spent?: readonly number[];
  /** What follows the model's run, on engines that run kernels; `inputs` and `outputs` are then those of both together. */
  readonly tail?: ProgramTail;
}

/** Kernels that complete what a model computes, and the model's own ports. */
export interface ProgramTail extends Tail {
  readonly model: { readonly inputs: readonly PortSpec[]; readonly outputs: readonly PortSpec[] };
}

/** A program in two steps: one that runs for each part of a batch, all at the same time, and one that needs what they give. */
export interface SharedProgram {
  readonly inputs: readonly PortSpec[];
  readonly outputs: readonly PortSpec[];
  readonly parts: number;
  readonly part: Program;
  /** Which input each of the part's is, and whether a part gets its rows of it only. */
  readonly partInputs: readonly { readonly at: number; readonly rows: boolean }[];
  /** Takes some of the inputs, then the outputs of each part. */
  readonly rest: Program;
  readonly restInputs: readonly number[];
}

/** What one run takes: a value that the engine holds, or host data that it reads in place. */
export type Feed = DeviceTensor | TypedArray;

/** A compiled program. Runs are queued: one at a time, in the order of the calls. */
export interface Executable {
  readonly program: Program | SharedProgram;
  /**
   * Runs the program. Outputs stay with the engine until they are read.
   *
   * Inputs listed in `donate` (by position) are given up: after the run their memory serves later
   * outputs, and any use of the old handle throws STALE_STATE. When a run fails, donated inputs are
   * given back unharmed. No output lies in the memory of an input of the same run, unless it `renews` it.
   *
   * @throws ENGINE_FAILED when the runtime refuses the program or a step
   */
  run(feeds: readonly Feed[], options?: RunOptions): Promise<DeviceTensor[]>;
  dispose(): void;
}

/** Runs programs and holds tensors in its own memory. */
export interface Engine {
  readonly name: "native" | "binding" | "wasm" | "webgpu";
  /** Whether it runs programs with a tail. */
  readonly kernels: boolean;
  /** Whether it runs shared programs. */
  readonly abreast: boolean;
  /** Compiles a program; the same model bytes are compiled once and cached, least recently used first out. */
  load(program: Program | SharedProgram): Promise<Executable>;
  /** Copies host data into the engine's memory. */
  upload(data: TypedArray, dtype: DType, shape: readonly number[]): DeviceTensor;
  /** Gives the memory of a value back for reuse; a later read throws STALE_STATE. */
  release(tensor: DeviceTensor): void;
  /** Frees everything; the engine cannot be used after. */
  dispose(): Promise<void>;
}
