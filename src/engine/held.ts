import { NacreError } from "../error.js";
import type { DType, TypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import type { PortSpec } from "./engine.js";

/** A block, how many queued runs read it, and how many handles show it: without both it is recycled. */
export interface Slot<B> {
  readonly block: B;
  pins: number;
  handles: number;
}

/** What a handle asks of the engine whose memory it lies in. */
export interface Owner<B> {
  readonly disposed: boolean;
  /** Copies what the block holds at the time of the call. */
  readBlock(block: B): Promise<TypedArray>;
}

/** The handle of a value in an engine's memory: live, or stale with a reason. */
export class HeldTensor<B> implements DeviceTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly owner: Owner<B>;
  #slot: Slot<B>;
  #stale: string | undefined;

  constructor(owner: Owner<B>, { dtype, shape }: Omit<PortSpec, "name">, slot: Slot<B>) {
    this.owner = owner;
    this.dtype = dtype;
    this.shape = shape;
    this.#slot = slot;
  }

  /** The memory. @throws STALE_STATE when the handle was given up */
  slot(): Slot<B> {
    const stale = this.owner.disposed ? "freed with its engine" : this.#stale;
    if (stale === undefined) return this.#slot;
    throw new NacreError({
      code: "STALE_STATE",
      where: `tensor ${this.dtype}[${this.shape.join(", ")}]`,
      expected: "a value that is still there",
      received: `one that was ${stale}`,
      fix: "use what the run returned instead, or read the value before",
    });
  }

  /** Ends the use of this handle; `stale` says why. */
  giveUp(stale: "released" | "donated to a run"): void {
    this.#stale = stale;
  }

  /** Makes the handle live again, after a run that failed. */
  giveBack(): void {
    this.#stale = undefined;
  }

  // The copy is taken before the first await, so that a donation right after the call changes nothing.
  async read(): Promise<TypedArray> {
    return this.owner.readBlock(this.slot().block);
  }
}
