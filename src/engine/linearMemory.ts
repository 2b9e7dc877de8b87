import { type DType, type TypedArray, viewBytes } from "../tensor/dtype.js";

const PAGE_BYTES = 2 ** 16;

/** As much as WebAssembly can address. Only pages that are touched take memory. */
export const MAXIMUM_PAGES = 2 ** 16;

/** Blocks begin at a cache line. */
const ALIGNMENT = 64;

/** A free stretch. */
interface Gap {
  offset: number;
  bytes: number;
}

/** Memory that kernels and ONNX Runtime share. It grows up to 4 GiB and never shrinks: what is free is used again. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  /** Where it begins in the address space; growing does not move it. */
  readonly base: bigint;
  /** By offset; no two touch. */
  readonly #gaps: Gap[] = [];

  /** Undefined where so much address space cannot be reserved. */
  static create(addressOf: (view: Uint8Array) => bigint): LinearMemory | undefined {
    try {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES, shared: true });
      const base = addressOf(new Uint8Array(memory.buffer));
      memory.grow(1);
      return addressOf(new Uint8Array(memory.buffer)) === base ? new LinearMemory(memory, base) : undefined;
    } catch {
      return undefined;
    }
  }

  private constructor(memory: WebAssembly.Memory, base: bigint) {
    this.memory = memory;
    this.base = base;
    this.free(0, memory.buffer.byteLength);
  }

  /** The offset of so many free bytes, with any contents; undefined where there are none. */
  allocate(size: number): number | undefined {
    const bytes = rounded(size);
    const at = this.#gaps.findIndex((gap) => gap.bytes >= bytes);
    const gap = at < 0 ? this.#grow(bytes) : this.#gaps[at]!;
    if (gap === undefined) return undefined;
    const { offset } = gap;
    gap.offset += bytes;
    gap.bytes -= bytes;
    if (gap.bytes === 0) this.#gaps.splice(this.#gaps.indexOf(gap), 1);
    return offset;
  }

  /** Takes back what {@link allocate} gave for this size. */
  free(offset: number, size: number): void {
    const bytes = rounded(size);
    const found = this.#gaps.findIndex((gap) => gap.offset > offset);
    const at = found < 0 ? this.#gaps.length : found;
    const [before, after] = [this.#gaps[at - 1], this.#gaps[at]];
    const joinsBefore = before !== undefined && before.offset + before.bytes === offset;
    const joinsAfter = after !== undefined && offset + bytes === after.offset;
    if (joinsBefore) {
      before.bytes += bytes + (joinsAfter ? after.bytes : 0);
      if (joinsAfter) this.#gaps.splice(at, 1);
    } else if (joinsAfter) {
      after.offset = offset;
      after.bytes += bytes;
    } else this.#gaps.splice(at, 0, { offset, bytes });
  }

  /** The elements at an offset. */
  view(dtype: DType, offset: number, length: number): TypedArray {
    return viewBytes(dtype, this.memory.buffer as ArrayBufferLike, offset, length);
  }

  /** The gap at the end, large enough now; undefined at the limit. */
  #grow(bytes: number): Gap | undefined {
    const end = this.memory.buffer.byteLength;
    const last = this.#gaps.at(-1);
    const tail = last !== undefined && last.offset + last.bytes === end ? last : undefined;
    const pages = Math.ceil((bytes - (tail?.bytes ?? 0)) / PAGE_BYTES);
    try {
      this.memory.grow(pages);
    } catch {
      return undefined;
    }
    const gap = tail ?? { offset: end, bytes: 0 };
    gap.bytes = this.memory.buffer.byteLength - gap.offset;
    if (tail === undefined) this.#gaps.push(gap);
    return gap;
  }
}

function rounded(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;
}
