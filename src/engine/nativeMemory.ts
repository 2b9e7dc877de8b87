import { type DType, type TypedArray, bytesPerElement, viewBytes } from "../tensor/dtype.js";
import { elementType } from "../onnx/proto.js";
import type { NativeApi } from "./nativeApi.js";
import { Pool, type Pooled } from "./pool.js";

/** Memory of JavaScript that ONNX Runtime sees as one of its values. */
export interface NativeBlock extends Pooled {
  readonly data: TypedArray;
  readonly value: bigint;
}

/** What ONNX Runtime aligns its own tensors to; vector loads then never cross cache lines. */
const ALIGNMENT = 64;

/** What a block costs besides its data, so that many tiny ones are bounded too. */
const OVERHEAD_BYTES = 1024;

const ALLOCATOR_ARENA = 1;
const MEMORY_DEFAULT = 0;

/** Blocks by dtype and shape; free ones are used again. */
export class NativeMemory {
  readonly #api: NativeApi;
  readonly #info: bigint;
  readonly #pool: Pool<NativeBlock>;

  constructor(api: NativeApi) {
    this.#api = api;
    this.#info = api.create("CreateCpuMemoryInfo", ALLOCATOR_ARENA, MEMORY_DEFAULT);
    this.#pool = new Pool(({ value }) => api.callVoid("ReleaseValue", value));
  }

  allocate(dtype: DType, shape: readonly number[]): NativeBlock {
    const key = `${dtype}[${shape.join()}]`;
    return this.#pool.take(key, () => this.#create(key, dtype, shape));
  }

  recycle(block: NativeBlock): void {
    this.#pool.give(block);
  }

  dispose(): void {
    this.#pool.dispose();
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
}
