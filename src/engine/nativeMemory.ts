import type { View } from "../lower/tail/views.js";
import { type DType, type TypedArray, bytesPerElement, viewBytes } from "../tensor/dtype.js";
import { elementType } from "../onnx/proto.js";
import type { NativeApi } from "./nativeApi.js";
import { LinearMemory } from "./linearMemory.js";
import { Pool, type Pooled } from "./pool.js";

/** Memory of JavaScript that ONNX Runtime sees as one of its values. */
export interface NativeBlock extends Pooled {
  readonly data: TypedArray;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly value: bigint;
  /** Where it lies in the memory that kernels work in; undefined for memory of its own. */
  readonly offset: number | undefined;
  readonly address: bigint;
  /** Parts of it that ONNX Runtime sees as values of their own, by first element and shape. */
  readonly views: Map<string, bigint>;
  /**
   * For a block in the memory of kernels: as large as that and never touched. The garbage collector does not see
   * what lies in there; what it sees here makes it look for tensors that nobody uses any more.
   */
  readonly weight: ArrayBuffer | undefined;
}

/** What ONNX Runtime aligns its own tensors to; vector loads then never cross cache lines. */
const ALIGNMENT = 64;

/** What a block costs besides its data, so that many tiny ones are bounded too. */
const OVERHEAD_BYTES = 1024;

const ALLOCATOR_ARENA = 1;
const MEMORY_DEFAULT = 0;

/** A buffer that can be resized has pages of its own; others may get memory that was in use before, and are cleared then. */
const UntouchedBuffer = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;

/** Blocks by dtype and shape; free ones are used again. */
export class NativeMemory {
  /** What kernels work in; undefined where the process cannot have it. */
  readonly linear: LinearMemory | undefined;
  readonly #api: NativeApi;
  readonly #info: bigint;
  readonly #pool: Pool<NativeBlock>;

  constructor(api: NativeApi) {
    this.#api = api;
    this.#info = api.create("CreateCpuMemoryInfo", ALLOCATOR_ARENA, MEMORY_DEFAULT);
    this.linear = LinearMemory.create((view) => api.address(view));
    this.#pool = new Pool(({ value, views, offset, data }) => {
      for (const each of [value, ...views.values()]) api.callVoid("ReleaseValue", each);
      if (offset !== undefined) this.linear!.free(offset, data.byteLength);
    });
  }

  /** A block; `shared` asks for one that kernels reach, which is given as long as there is room. */
  allocate(dtype: DType, shape: readonly number[], shared = false): NativeBlock {
    const key = `${shared ? "shared " : ""}${dtype}[${shape.join()}]`;
    return this.#pool.take(key, () => this.#create(key, dtype, shape, shared));
  }

  /** A part of a block, as ONNX Runtime sees it; it lives as long as the block. */
  view({ views, address, dtype }: NativeBlock, { offset, shape }: View): bigint {
    const key = `${offset} ${shape.join()}`;
    let value = views.get(key);
    if (value === undefined) {
      value = this.#value(dtype, shape, address + BigInt(offset * bytesPerElement(dtype)));
      views.set(key, value);
    }
    return value;
  }

  /** One of several equal parts of a block's rows; it lives as long as the block. */
  rows(block: NativeBlock, part: number, parts: number): NativeBlock {
    const length = block.data.length / parts;
    const [count, ...rest] = block.shape;
    const shape = [count! / parts, ...rest];
    const value = this.view(block, { offset: part * length, shape });
    const data = block.data.subarray(part * length, (part + 1) * length);
    const skipped = part * data.byteLength;
    return { ...block, data, shape, value, address: block.address + BigInt(skipped), offset: block.offset === undefined ? undefined : block.offset + skipped };
  }

  recycle(block: NativeBlock): void {
    this.#pool.give(block);
  }

  dispose(): void {
    this.#pool.dispose();
    this.#api.callVoid("ReleaseMemoryInfo", this.#info);
  }

  #create(key: string, dtype: DType, shape: readonly number[], shared: boolean): NativeBlock {
    const length = shape.reduce((product, dim) => product * dim, 1);
    const byteLength = length * bytesPerElement(dtype);
    const offset = shared ? this.linear?.allocate(byteLength) : undefined;
    const { data, address } = offset === undefined ? this.#own(dtype, length) : { data: this.linear!.view(dtype, offset, length), address: this.linear!.base + BigInt(offset) };
    const weight = offset === undefined ? undefined : new UntouchedBuffer(byteLength, { maxByteLength: byteLength });
    return { data, dtype, shape, value: this.#value(dtype, shape, address), offset, address, views: new Map(), weight, key, bytes: byteLength + OVERHEAD_BYTES };
  }

  #value(dtype: DType, shape: readonly number[], address: bigint): bigint {
    const bytes = shape.reduce((product, dim) => product * dim, 1) * bytesPerElement(dtype);
    const dims = BigInt64Array.from(shape, BigInt);
    return this.#api.create("CreateTensorWithDataAsOrtValue", this.#info, address, bytes, dims, shape.length, elementType(dtype));
  }

  #own(dtype: DType, length: number): { readonly data: TypedArray; readonly address: bigint } {
    const buffer = new ArrayBuffer(length * bytesPerElement(dtype) + ALIGNMENT);
    const start = this.#api.address(buffer);
    const offset = (ALIGNMENT - Number(start % BigInt(ALIGNMENT))) % ALIGNMENT;
    return { data: viewBytes(dtype, buffer, offset, length), address: start + BigInt(offset) };
  }
}
