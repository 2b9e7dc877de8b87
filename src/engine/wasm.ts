import { NacreError } from "../error.js";
import { elementType } from "../onnx/proto.js";
import { type DType, type TypedArray, bytesPerElement, viewBytes } from "../tensor/dtype.js";
import type { Backend } from "./backend.js";
import type { PortSpec, Program } from "./engine.js";
import { Pool, type Pooled } from "./pool.js";
import { FROZEN_LEVEL, GRAPH_LEVEL, LOG_FATAL } from "./sessionOptions.js";
import { TurnTaker } from "./turns.js";
import { type Pointer, WasmApi, type WasmModule, outOfMemory } from "./wasmApi.js";

/** A tensor in the memory of the WebAssembly module. */
interface WasmBlock extends Pooled {
  readonly dtype: DType;
  readonly length: number;
  readonly address: Pointer;
  readonly value: Pointer;
  /**
   * As large as the tensor and never touched. The garbage collector does not see the module's
   * memory; what it sees here makes it look for tensors that nobody uses any more.
   */
  readonly weight: ArrayBuffer;
}

/** What one open program keeps: the session, and the arrays that its runs are called with. */
interface WasmSession {
  readonly handle: Pointer;
  readonly inputNames: NameList;
  readonly outputNames: NameList;
  readonly inputValues: Pointer;
  readonly outputValues: Pointer;
}

interface NameList {
  readonly pointers: Pointer;
  readonly texts: readonly Pointer[];
}

/** What a block costs besides its data, so that many tiny ones are bounded too. */
const OVERHEAD_BYTES = 1024;

const LOCATION_CPU = 1;
const SEQUENTIAL = 0;

/**
 * ONNX Runtime as WebAssembly, in this thread: values stay in the module's memory from run to run.
 * Its functions are called directly, because onnxruntime-web's own interface copies all inputs and outputs.
 */
export class WasmBackend implements Backend<WasmBlock, WasmSession> {
  readonly name = "wasm";
  readonly #api: WasmApi;
  readonly #options: Pointer;
  readonly #frozenOptions: Pointer;
  readonly #pool: Pool<WasmBlock>;
  readonly #turns = new TurnTaker();

  /** @throws NO_ENGINE when the module does not load */
  static async create(threads: number): Promise<WasmBackend> {
    const api = new WasmApi(await loadModule(threads));
    api.check(api.module._OrtInit(threads, LOG_FATAL));
    return new WasmBackend(api);
  }

  private constructor(api: WasmApi) {
    this.#api = api;
    const { module } = api;
    [this.#options, this.#frozenOptions] = [GRAPH_LEVEL, FROZEN_LEVEL].map(({ number }) =>
      api.made(module._OrtCreateSessionOptions(number, true, true, SEQUENTIAL, false, 0, 0, LOG_FATAL, 0, 0)),
    ) as [Pointer, Pointer];
    this.#pool = new Pool(({ value, address }) => {
      module._OrtReleaseTensor(value);
      api.free(address);
    });
  }

  async open({ model, inputs, outputs, frozen }: Program): Promise<WasmSession> {
    const copy = this.#api.copyIn(model);
    try {
      return {
        handle: this.#api.made(this.#api.module._OrtCreateSession(copy, model.length, frozen === undefined ? this.#options : this.#frozenOptions)),
        inputNames: this.#names(inputs),
        outputNames: this.#names(outputs),
        inputValues: this.#api.allocatePointers(inputs.length),
        outputValues: this.#api.allocatePointers(outputs.length),
      };
    } finally {
      this.#api.free(copy);
    }
  }

  async close({ handle, inputNames, outputNames, inputValues, outputValues }: WasmSession): Promise<void> {
    this.#api.check(this.#api.module._OrtReleaseSession(handle));
    for (const { pointers, texts } of [inputNames, outputNames]) {
      for (const address of [pointers, ...texts]) this.#api.free(address);
    }
    this.#api.free(inputValues);
    this.#api.free(outputValues);
  }

  async run(session: WasmSession, inputs: readonly WasmBlock[], { outputs }: Program): Promise<WasmBlock[]> {
    await this.#turns.turnWhenDue();
    const blocks = outputs.map(({ dtype, shape }) => this.allocate(dtype, shape));
    this.#api.writePointers(session.inputValues, inputs.map(({ value }) => value));
    this.#api.writePointers(session.outputValues, blocks.map(({ value }) => value));
    try {
      this.#api.check(
        this.#api.module._OrtRun(
          session.handle,
          session.inputNames.pointers,
          session.inputValues,
          inputs.length,
          session.outputNames.pointers,
          blocks.length,
          session.outputValues,
          0,
        ),
      );
    } catch (error) {
      for (const block of blocks) this.recycle(block);
      throw error;
    }
    return blocks;
  }

  allocate(dtype: DType, shape: readonly number[]): WasmBlock {
    const key = `${dtype}[${shape.join()}]`;
    return this.#pool.take(key, () => this.#create(key, dtype, shape));
  }

  write(block: WasmBlock, data: TypedArray): void {
    (this.#view(block) as Uint8Array).set(data as Uint8Array);
  }

  async read(block: WasmBlock): Promise<TypedArray> {
    return this.#view(block).slice();
  }

  recycle(block: WasmBlock): void {
    this.#pool.give(block);
  }

  /** The module's memory and threads go when nothing refers to them any more. */
  async dispose(): Promise<void> {
    this.#pool.dispose();
    for (const options of [this.#options, this.#frozenOptions]) {
      this.#api.check(this.#api.module._OrtReleaseSessionOptions(options));
    }
  }

  #view({ dtype, length, address }: WasmBlock): TypedArray {
    const bytes = this.#api.bytes(address, length * bytesPerElement(dtype));
    return viewBytes(dtype, bytes.buffer, address, length);
  }

  #create(key: string, dtype: DType, shape: readonly number[]): WasmBlock {
    const { module } = this.#api;
    const length = shape.reduce((product, dim) => product * dim, 1);
    const bytes = length * bytesPerElement(dtype);
    const address = this.#allocateData(bytes);
    const dims = this.#api.allocatePointers(shape.length);
    try {
      this.#api.writePointers(dims, shape);
      const value = this.#api.made(
        module._OrtCreateTensor(elementType(dtype), address, bytes, dims, shape.length, LOCATION_CPU),
      );
      const weight = new ArrayBuffer(bytes);
      return { key, bytes: bytes + OVERHEAD_BYTES, dtype, length, address, value, weight };
    } finally {
      this.#api.free(dims);
    }
  }

  #allocateData(bytes: number): Pointer {
    const address = this.#api.tryAllocate(bytes);
    if (address !== undefined) return address;
    this.#pool.clear();
    const second = this.#api.tryAllocate(bytes);
    if (second === undefined) throw outOfMemory(bytes);
    return second;
  }

  #names(ports: readonly PortSpec[]): NameList {
    const texts = ports.map(({ name }) => this.#api.copyIn(new TextEncoder().encode(`${name}\0`)));
    const pointers = this.#api.allocatePointers(ports.length);
    this.#api.writePointers(pointers, texts);
    return { pointers, texts };
  }
}

async function loadModule(threads: number): Promise<WasmModule> {
  try {
    const { default: create } = await import("onnxruntime-web/ort-wasm-simd-threaded.mjs");
    return await create({ numThreads: threads });
  } catch (cause) {
    throw new NacreError({
      code: "NO_ENGINE",
      where: "wasm engine",
      expected: "the WebAssembly module of onnxruntime-web, and an environment with WebAssembly SIMD",
      received: cause instanceof Error ? cause.message : String(cause),
      fix: "npm install onnxruntime-web@1.30.0, and see that its .wasm file is served",
      cause,
    });
  }
}
