import { engineFailed } from "./failure.js";

/** A place in the module's memory, or a handle of ONNX Runtime. */
export type Pointer = number;

/** The functions of the WebAssembly module that are used; zero is success where an error code comes back. */
export interface WasmModule {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  getValue(address: Pointer, type: "i8"): number;
  _malloc(bytes: number): Pointer;
  _free(address: Pointer): void;
  _OrtInit(threads: number, logLevel: number): number;
  _OrtGetLastError(code: Pointer, message: Pointer): number;
  _OrtCreateSessionOptions(
    graphLevel: number,
    arena: boolean,
    memoryPattern: boolean,
    parallel: number,
    profiling: boolean,
    profilePrefix: Pointer,
    logId: Pointer,
    logSeverity: number,
    logVerbosity: number,
    optimizedModelPath: Pointer,
  ): Pointer;
  _OrtReleaseSessionOptions(options: Pointer): number;
  _OrtCreateSession(model: Pointer, bytes: number, options: Pointer): Pointer;
  _OrtReleaseSession(session: Pointer): number;
  _OrtCreateTensor(type: number, data: Pointer, bytes: number, dims: Pointer, rank: number, location: number): Pointer;
  _OrtReleaseTensor(tensor: Pointer): number;
  _OrtRun(
    session: Pointer,
    inputNames: Pointer,
    inputs: Pointer,
    inputCount: number,
    outputNames: Pointer,
    outputCount: number,
    outputs: Pointer,
    runOptions: Pointer,
  ): number;
}

const POINTER_BYTES = 4;

/** Calls the module, and reads and writes its memory. */
export class WasmApi {
  readonly module: WasmModule;

  constructor(module: WasmModule) {
    this.module = module;
  }

  /** What a function that makes something returned. @throws ENGINE_FAILED when it made nothing */
  made(handle: Pointer): Pointer {
    if (handle === 0) throw this.#lastError();
    return handle;
  }

  /** @throws ENGINE_FAILED when a function returned an error code */
  check(code: number): void {
    if (code !== 0) throw this.#lastError();
  }

  /** Memory of that many bytes, or undefined when there is none left. */
  tryAllocate(bytes: number): Pointer | undefined {
    const address = this.module._malloc(Math.max(bytes, 1));
    return address === 0 ? undefined : address;
  }

  allocate(bytes: number): Pointer {
    const address = this.tryAllocate(bytes);
    if (address === undefined) throw outOfMemory(bytes);
    return address;
  }

  /** Memory that holds a copy of `bytes`. */
  copyIn(bytes: Uint8Array): Pointer {
    const address = this.allocate(bytes.length);
    this.bytes(address, bytes.length).set(bytes);
    return address;
  }

  free(address: Pointer): void {
    this.module._free(address);
  }

  /** The memory from `address` on; good until the module runs again, which may move it. */
  bytes(address: Pointer, length: number): Uint8Array {
    // The views of the module are old after its memory grew, until it looks itself.
    if (address + length > this.module.HEAPU8.length) this.module.getValue(address, "i8");
    return this.module.HEAPU8.subarray(address, address + length);
  }

  writePointers(address: Pointer, values: readonly Pointer[]): void {
    this.bytes(address, values.length * POINTER_BYTES);
    this.module.HEAPU32.set(values, address / POINTER_BYTES);
  }

  /** Memory for that many pointers. */
  allocatePointers(count: number): Pointer {
    return this.allocate(count * POINTER_BYTES);
  }

  #lastError(): Error {
    const place = this.allocatePointers(2);
    this.module._OrtGetLastError(place, place + POINTER_BYTES);
    this.bytes(place, 2 * POINTER_BYTES);
    const message = this.module.HEAPU32[place / POINTER_BYTES + 1]!;
    this.free(place);
    return engineFailed(message === 0 ? "an unknown error" : this.#text(message));
  }

  #text(address: Pointer): string {
    const rest = this.module.HEAPU8.subarray(address);
    // Copied: decoders refuse shared memory.
    return new TextDecoder().decode(rest.slice(0, rest.indexOf(0)));
  }
}

/** The error for memory that WebAssembly, which addresses at most 4 GiB, does not give. */
export function outOfMemory(bytes: number): Error {
  return engineFailed(`out of memory for ${bytes} bytes more; WebAssembly has at most 4 GiB`);
}
