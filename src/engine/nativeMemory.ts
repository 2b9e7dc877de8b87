import { type DType, type TypedArray, bytesPerElement, viewBytes } from "../tensor/dtype.js";
import { elementType } from "../onnx/proto.js";
import type { Block } from "./backend.js";
import type { NativeApi } from "./nativeApi.js";

/** Memory of JavaScript that ONNX Runtime sees as one of its values. */
export interface NativeBlock extends Block {
  readonly data: TypedArray;
  readonly value: bigint;
  readonly key: string;
  readonly bytes: number;
}

/** What ONNX Runtime aligns its own tensors to; vector loads then never cross cache lines. */
const ALIGNMENT = 64;

/** Free memory may be as much as what is in use (a training step swaps two states), and this much more. */
const MAX_EXTRA_FREE_BYTES = 64 * 2 ** 20;

/** What a block costs besides its data, so that many tiny ones are bounded too. */
const OVERHEAD_BYTES = 1024;

const ALLOCATOR_ARENA = 1;
const MEMORY_DEFAULT = 0;

/** Blocks by dtype and shape; free ones are used again. */
export class NativeMemory {
  readonly #api: NativeApi;
  readonly #info: bigint;
  /** Free blocks, least recently returned keys first. */
  readonly #free = new Map<string, NativeBlock[]>();
  #freeBytes = 0;
  #usedBytes = 0;
  #disposed = false;

  constructor(api: NativeApi) {
    this.#api = api;
    this.#info = api.create("CreateCpuMemoryInfo", ALLOCATOR_ARENA, MEMORY_DEFAULT);
  }

  allocate(dtype: DType, shape: readonly number[]): NativeBlock {
    const key = `${dtype}[${shape.join()}]`;
    const known = this.#free.get(key)?.pop();
    const block = known ?? this.#create(key, dtype, shape);
    if (known !== undefined) this.#freeBytes -= block.bytes;
    this.#usedBytes += block.bytes;
    return block;
  }

  recycle(block: NativeBlock): void {
    this.#usedBytes -= block.bytes;
    if (this.#disposed) {
      this.#api.callVoid("ReleaseValue", block.value);
      return;
    }
    const same = this.#free.get(block.key) ?? [];
    same.push(block);
    this.#free.delete(block.key);
    this.#free.set(block.key, same);
    this.#freeBytes += block.bytes;
    while (this.#freeBytes > this.#usedBytes + MAX_EXTRA_FREE_BYTES) this.#releaseOldest();
  }

  dispose(): void {
    this.#disposed = true;
    while (this.#free.size > 0) this.#releaseOldest();
    this.#api.callVoid("ReleaseMemoryInfo", this.#info);
  }

  #create(key: string, dtype: DType, shape: readonly number[]): NativeBlock {
    const length = shape.reduce((product, dim) => product * dim, 1);
    const byteLength = length * bytesPerElement(dtype);
    const buffer = new ArrayBuffer(byteLength + ALIGNMENT);
    const start = this.#api.address(buffer);
    const offset = (ALIGNMENT - Number(start % BigInt(ALIGNMENT))) % ALIGNMENT;
    const data = viewBytes(dtype, buffer, offset, length);
    const dims = BigInt64Array.from(shape, BigInt);
    const value = this.#api.create(
      "CreateTensorWithDataAsOrtValue",
      this.#info,
      start + BigInt(offset),
      byteLength,
      dims,
      shape.length,
      elementType(dtype),
    );
    return { data, value, key, bytes: byteLength + OVERHEAD_BYTES };
  }

  #releaseOldest(): void {
    const [key, blocks] = this.#free.entries().next().value!;
    const block = blocks.shift();
    if (blocks.length === 0) this.#free.delete(key);
    if (block === undefined) return;
    this.#freeBytes -= block.bytes;
    this.#api.callVoid("ReleaseValue", block.value);
  }
}
