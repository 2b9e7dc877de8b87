import type * as Ort from "onnxruntime-web/webgpu";
import { NacreError } from "../error.js";
import { type DType, type TypedArray, allocate, bytesPerElement, viewBytes } from "../tensor/dtype.js";
import type { Backend } from "./backend.js";
import type { PortSpec, Program } from "./engine.js";
import { engineFailed } from "./failure.js";
import { Pool, type Pooled } from "./pool.js";
import { GRAPH_LEVEL, LOG_FATAL } from "./sessionOptions.js";
import { requestDevice } from "./webGpuDevice.js";
import { type Placement, placementOf, readLog, routeLog } from "./webGpuPlacement.js";

/** A tensor in a buffer of the GPU, or one that WebGPU cannot hold, in an array. */
interface GpuBlock extends Pooled {
  readonly tensor: Ort.Tensor;
  readonly place: GPUBuffer | TypedArray;
  /**
   * As large as the tensor and never touched. The garbage collector does not see the GPU's memory;
   * what it sees here makes it look for tensors that nobody uses any more.
   */
  readonly weight?: ArrayBuffer;
}

/** How the engine uses the machine. */
interface GpuOptions {
  /** Threads for the nodes that run on the CPU. */
  readonly threads: number;
  readonly onPlacement: ((placement: Placement) => void) | undefined;
}

/** What the GPU holds; the others have no type of WebGPU's or a size that it cannot copy. */
const GPU_DTYPES: readonly DType[] = ["float32", "int32", "uint32"];

/** WebGPU's flags for what a buffer may be used for. */
const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, storage: 0x80 };

const MAP_READ = 0x1;

/** Everything is logged, and where each node runs with it. */
const LOG_ALL = 0;

/** Shaders read up to four elements at once. */
const SIZE_STEP_BYTES = 16;

/** What a block costs besides its data, so that many tiny ones are bounded too. */
const OVERHEAD_BYTES = 1024;

/** ONNX Runtime on WebGPU: values stay in buffers of the GPU; nodes it has no shader for run on the CPU. */
export class WebGpuBackend implements Backend<GpuBlock, Ort.InferenceSession> {
  readonly name = "webgpu";
  readonly #ort: typeof Ort;
  readonly #device: GPUDevice;
  readonly #pool = new Pool<GpuBlock>(destroy);
  readonly #onPlacement: GpuOptions["onPlacement"];
  /** The end of all calls so far: ONNX Runtime's module cannot enter a call while another waits for the GPU. */
  #calls: Promise<unknown> = Promise.resolve();
  /** What WebGPU found wrong outside of any call. */
  #failure: string | undefined;

  /** @throws NO_ENGINE when the browser has no WebGPU, or ONNX Runtime does not load */
  static async create(options: GpuOptions): Promise<WebGpuBackend> {
    const device = await requestDevice();
    return new WebGpuBackend(await loadRuntime(options.threads), device, options.onPlacement);
  }

  private constructor(ort: typeof Ort, device: GPUDevice, onPlacement: GpuOptions["onPlacement"]) {
    this.#ort = ort;
    this.#device = device;
    this.#onPlacement = onPlacement;
    device.addEventListener("uncapturederror", ({ error }) => (this.#failure ??= error.message));
    void device.lost.then(({ message }) => (this.#failure ??= `the GPU is lost: ${message}`));
  }

  async open(program: Program): Promise<Ort.InferenceSession> {
    const preferredOutputLocation = Object.fromEntries(
      program.outputs.map(({ name, dtype, shape }) => [name, fitsGpu(dtype, shape) ? "gpu-buffer" : "cpu"] as const),
    );
    const open = (logSeverityLevel: typeof LOG_FATAL | typeof LOG_ALL): Promise<Ort.InferenceSession> =>
      this.#ort.InferenceSession.create(program.model, {
        executionProviders: [{ name: "webgpu", device: this.#device }],
        graphOptimizationLevel: GRAPH_LEVEL.name,
        logSeverityLevel,
        preferredOutputLocation,
      });
    return this.#call(async () => {
      if (this.#onPlacement === undefined) return open(LOG_FATAL);
      // The first session loads the module, which takes hold of the console.
      const { result, lines } = await readLog(() => routeLog(() => open(LOG_ALL)));
      const placement = placementOf(lines);
      if (placement !== undefined) this.#onPlacement(placement);
      return result;
    });
  }

  async close(session: Ort.InferenceSession): Promise<void> {
    await this.#call(() => session.release());
  }

  async run(session: Ort.InferenceSession, inputs: readonly GpuBlock[], program: Program): Promise<GpuBlock[]> {
    // Only buffers of the GPU can be given; what lies elsewhere ONNX Runtime makes itself.
    const given = program.outputs.map(({ dtype, shape }) => (fitsGpu(dtype, shape) ? this.allocate(dtype, shape) : undefined));
    try {
      const results = await this.#call(() =>
        session.run(
          Object.fromEntries(program.inputs.map(({ name }, i) => [name, inputs[i]!.tensor])),
          Object.fromEntries(program.outputs.map(({ name }, i) => [name, given[i]?.tensor ?? null])),
        ),
      );
      this.#checkDevice();
      return program.outputs.map((port, i) => given[i] ?? arrayBlock(port, results[port.name]!));
    } catch (error) {
      for (const block of given) if (block !== undefined) this.recycle(block);
      throw error;
    }
  }

  allocate(dtype: DType, shape: readonly number[]): GpuBlock {
    const key = `${dtype}[${shape.join()}]`;
    return this.#pool.take(key, () => this.#create(key, dtype, shape));
  }

  write({ place }: GpuBlock, data: TypedArray): void {
    if (place instanceof GPUBuffer) this.#device.queue.writeBuffer(place, 0, data as Float32Array<ArrayBuffer>);
    else (place as Uint8Array).set(data as Uint8Array);
  }

  async read({ place, tensor }: GpuBlock): Promise<TypedArray> {
    if (!(place instanceof GPUBuffer)) return place.slice();
    const copy = this.#device.createBuffer({ size: place.size, usage: USAGE.mapRead | USAGE.copyTarget });
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(place, 0, copy, 0, place.size);
    this.#device.queue.submit([encoder.finish()]);
    await attempt(copy.mapAsync(MAP_READ));
    this.#checkDevice();
    const data = viewBytes(tensor.type as DType, copy.getMappedRange().slice(0), 0, tensor.size);
    copy.destroy();
    return data;
  }

  recycle(block: GpuBlock): void {
    this.#pool.give(block);
  }

  async dispose(): Promise<void> {
    this.#pool.dispose();
    this.#device.destroy();
  }

  #create(key: string, dtype: DType, shape: readonly number[]): GpuBlock {
    const length = shape.reduce((product, dim) => product * dim, 1);
    const bytes = length * bytesPerElement(dtype);
    if (!fitsGpu(dtype, shape)) {
      return arrayBlock({ name: key, dtype, shape }, new this.#ort.Tensor(dtype, allocate(dtype, length) as Uint8Array, shape));
    }
    const place = this.#device.createBuffer({
      size: Math.ceil(bytes / SIZE_STEP_BYTES) * SIZE_STEP_BYTES,
      usage: USAGE.storage | USAGE.copySource | USAGE.copyTarget,
    });
    const tensor = this.#ort.Tensor.fromGpuBuffer(place, { dataType: dtype as "float32", dims: shape });
    return { key, bytes: place.size + OVERHEAD_BYTES, place, tensor, weight: new ArrayBuffer(bytes) };
  }

  /** Calls ONNX Runtime after all calls before. */
  #call<T>(work: () => Promise<T>): Promise<T> {
    const done = attempt(this.#calls.then(work));
    this.#calls = done.catch(() => undefined);
    return done;
  }

  #checkDevice(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw engineFailed(failure);
  }
}

function fitsGpu(dtype: DType, shape: readonly number[]): boolean {
  return GPU_DTYPES.includes(dtype) && !shape.includes(0);
}

/** @throws ENGINE_FAILED when the tensor is another one than announced */
function arrayBlock({ name, dtype, shape }: PortSpec, tensor: Ort.Tensor): GpuBlock {
  const key = `${dtype}[${shape.join()}]`;
  const found = `${tensor.type}[${tensor.dims.join()}]`;
  if (found !== key) throw engineFailed(`output "${name}" of ${found} instead of ${key}`);
  const place = tensor.data as TypedArray;
  return { key, bytes: place.byteLength + OVERHEAD_BYTES, place, tensor };
}

function destroy({ place, tensor }: GpuBlock): void {
  tensor.dispose();
  if (place instanceof GPUBuffer) place.destroy();
}

async function loadRuntime(threads: number): Promise<typeof Ort> {
  try {
    const ort = await import("onnxruntime-web/webgpu");
    ort.env.logLevel = "fatal";
    ort.env.wasm.numThreads = threads;
    return ort;
  } catch (cause) {
    throw new NacreError({
      code: "NO_ENGINE",
      where: "webgpu engine",
      expected: "the package onnxruntime-web",
      received: cause instanceof Error ? cause.message : String(cause),
      fix: "npm install onnxruntime-web@1.30.0",
      cause,
    });
  }
}

async function attempt<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw engineFailed(error instanceof Error ? error.message : String(error), error);
  }
}
