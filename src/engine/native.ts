import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { NacreError } from "../error.js";
import type { DType } from "../tensor/dtype.js";
import type { Backend } from "./backend.js";
import type { PortSpec, Program } from "./engine.js";
import { NativeApi } from "./nativeApi.js";
import { type NativeBlock, NativeMemory } from "./nativeMemory.js";
import { GRAPH_LEVEL, type NodeOptions } from "./nodeOptions.js";

/** What one open program keeps: the session, and the arrays that its runs are called with. */
interface NativeSession {
  readonly address: bigint;
  readonly outputs: readonly PortSpec[];
  readonly inputNames: NameList;
  readonly outputNames: NameList;
  readonly inputValues: PointerArray;
  readonly outputValues: PointerArray;
}

/** C strings and the array of their addresses; `texts` keeps the strings alive. */
interface NameList extends PointerArray {
  readonly texts: readonly Uint8Array[];
}

interface PointerArray {
  readonly pointers: BigUint64Array;
  readonly address: bigint;
}

/**
 * ONNX Runtime needs more stack than koffi gives a call (128 KiB), because it walks graphs by
 * recursion. It is reserved address space: only pages that are touched take memory.
 */
const STACK_BYTES = 8 * 2 ** 20;

/** Nothing below fatal: errors come back as statuses, and stderr belongs to the user. */
const LOG_FATAL = 4;

const LIBRARIES: Partial<Record<NodeJS.Platform, string>> = {
  linux: "libonnxruntime.so.1",
  darwin: "libonnxruntime.1.dylib",
  win32: "onnxruntime.dll",
};

/** The C API of the library that onnxruntime-node ships, called through koffi. */
export class NativeBackend implements Backend<NativeBlock, NativeSession> {
  readonly name = "native";
  readonly #api: NativeApi;
  readonly #memory: NativeMemory;
  readonly #environment: bigint;
  readonly #sessionOptions: bigint;

  /** @throws NO_ENGINE when the library is missing or not the expected one */
  static async create(options: NodeOptions): Promise<NativeBackend> {
    const { default: koffi } = await import("koffi");
    if ((koffi.config().async_stack_size ?? 0) < STACK_BYTES) {
      koffi.config({ ...koffi.config(), async_stack_size: STACK_BYTES, sync_stack_size: STACK_BYTES });
    }
    const { path, version } = locateLibrary();
    return new NativeBackend(new NativeApi(koffi, path, version), options);
  }

  private constructor(api: NativeApi, { threads, spin }: NodeOptions) {
    this.#api = api;
    const threading = api.create("CreateThreadingOptions");
    api.call("SetGlobalIntraOpNumThreads", threading, threads);
    api.call("SetGlobalInterOpNumThreads", threading, 1);
    api.call("SetGlobalSpinControl", threading, spin ? 1 : 0);
    this.#environment = api.create("CreateEnvWithGlobalThreadPools", LOG_FATAL, "nacre", threading);
    api.callVoid("ReleaseThreadingOptions", threading);
    api.call("DisableTelemetryEvents", this.#environment);
    this.#sessionOptions = api.create("CreateSessionOptions");
    api.call("SetSessionGraphOptimizationLevel", this.#sessionOptions, GRAPH_LEVEL.number);
    api.call("DisablePerSessionThreads", this.#sessionOptions);
    this.#memory = new NativeMemory(api);
  }

  async open(program: Program): Promise<NativeSession> {
    const { model, inputs, outputs } = program;
    const made = this.#pointers(1);
    await this.#api.callAsync(
      "CreateSessionFromArray",
      this.#environment,
      this.#api.address(model),
      model.length,
      this.#sessionOptions,
      made.address,
    );
    return {
      address: made.pointers[0]!,
      outputs,
      inputNames: this.#names(inputs),
      outputNames: this.#names(outputs),
      inputValues: this.#pointers(inputs.length),
      outputValues: this.#pointers(outputs.length),
    };
  }

  async close(session: NativeSession): Promise<void> {
    this.#api.callVoid("ReleaseSession", session.address);
  }

  async run(session: NativeSession, inputs: readonly NativeBlock[]): Promise<NativeBlock[]> {
    const blocks = session.outputs.map(({ dtype, shape }) => this.allocate(dtype, shape));
    inputs.forEach((block, i) => (session.inputValues.pointers[i] = block.value));
    blocks.forEach((block, i) => (session.outputValues.pointers[i] = block.value));
    try {
      await this.#api.callAsync(
        "Run",
        session.address,
        null,
        session.inputNames.address,
        session.inputValues.address,
        inputs.length,
        session.outputNames.address,
        blocks.length,
        session.outputValues.address,
      );
    } catch (error) {
      for (const block of blocks) this.recycle(block);
      throw error;
    }
    return blocks;
  }

  allocate(dtype: DType, shape: readonly number[]): NativeBlock {
    return this.#memory.allocate(dtype, shape);
  }

  recycle(block: NativeBlock): void {
    this.#memory.recycle(block);
  }

  async dispose(): Promise<void> {
    this.#memory.dispose();
    this.#api.callVoid("ReleaseSessionOptions", this.#sessionOptions);
    this.#api.callVoid("ReleaseEnv", this.#environment);
  }

  #pointers(length: number): PointerArray {
    // Never empty: an empty array has no address.
    const pointers = new BigUint64Array(new ArrayBuffer(8 * Math.max(1, length)));
    return { pointers, address: this.#api.address(pointers) };
  }

  #names(ports: readonly PortSpec[]): NameList {
    const texts = ports.map(({ name }) => {
      const text = new TextEncoder().encode(`${name}\0`);
      const own = new Uint8Array(new ArrayBuffer(text.length));
      own.set(text);
      return own;
    });
    const list = this.#pointers(ports.length);
    texts.forEach((text, i) => (list.pointers[i] = this.#api.address(text)));
    return { ...list, texts };
  }
}

function locateLibrary(): { path: string; version: string } {
  const manifest = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const file = LIBRARIES[process.platform];
  if (file !== undefined) {
    return { path: join(dirname(manifest), "bin", "napi-v6", process.platform, process.arch, file), version };
  }
  throw new NacreError({
    code: "NO_ENGINE",
    where: "native engine",
    expected: `one of the platforms ${Object.keys(LIBRARIES).join(", ")}`,
    received: process.platform,
  });
}
