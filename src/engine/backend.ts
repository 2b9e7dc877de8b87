import type { DType, TypedArray } from "../tensor/dtype.js";
import type { Engine, Program } from "./engine.js";

/** Which results may be written over the inputs that they replace. */
export interface Renewal<B> {
  /** The position of the input for an output; asked in the very turn in which it is written. */
  readonly inputOf: (output: number) => number | undefined;
  /** The output whose first number has to be finite: if it is not, nothing is written over. */
  readonly guard: number | undefined;
  /** Called in the turn of the writing, at its end, with all results and the numbers of the guard. */
  readonly written: (results: readonly B[], guard: TypedArray) => void;
}

/**
 * One way to reach ONNX Runtime; {@link SessionEngine} makes an engine of it. `B` is memory that
 * holds one tensor of one dtype and shape, `S` an open program.
 * `run` and `close` never overlap each other, but for runs on parts of a batch; `open` may overlap both.
 */
export interface Backend<B, S> {
  readonly name: Engine["name"];
  /** Whether it runs programs with a tail; not if it does not say. */
  readonly kernels?: boolean;
  /** One part of the rows of a block, as long as that lives; there where runs on parts of a batch may happen at the same time. */
  readonly rows?: ((block: B, part: number, parts: number) => B) | undefined;
  open(program: Program): Promise<S>;
  close(session: S): Promise<void>;
  /** Runs once; the results lie in blocks that are none of the inputs, but for those that `renewal` allows. */
  run(session: S, inputs: readonly B[], program: Program, renewal?: Renewal<B>): Promise<B[]>;
  /** A block with any contents; `lasting` for one that more than one run is going to use. */
  allocate(dtype: DType, shape: readonly number[], lasting?: boolean): B;
  /** Copies host data into a block; the array may change after the call. */
  write(block: B, data: TypedArray): void;
  /** Copies what the block holds at the time of the call. */
  read(block: B): Promise<TypedArray>;
  /** Takes back a block that nobody uses any more. */
  recycle(block: B): void;
  dispose(): Promise<void>;
}
