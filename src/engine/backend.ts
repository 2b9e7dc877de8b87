import type { DType, TypedArray } from "../tensor/dtype.js";
import type { Engine, Program } from "./engine.js";

/** Memory that holds one tensor of one dtype and shape. */
export interface Block {
  readonly data: TypedArray;
}

/**
 * One way to reach ONNX Runtime; {@link SessionEngine} makes an engine of it.
 * `run` and `close` never overlap each other; `open` may overlap both.
 */
export interface Backend<B extends Block, S> {
  readonly name: Engine["name"];
  open(program: Program): Promise<S>;
  close(session: S): Promise<void>;
  /** Runs once; the results lie in blocks that are none of the inputs. */
  run(session: S, inputs: readonly B[]): Promise<B[]>;
  /** A block with any contents. */
  allocate(dtype: DType, shape: readonly number[]): B;
  /** Takes back a block that nobody uses any more. */
  recycle(block: B): void;
  dispose(): Promise<void>;
}
