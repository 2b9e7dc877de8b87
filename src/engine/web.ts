import { NacreError } from "../error.js";
import type { Engine } from "./engine.js";
import { type EngineOptions, checkEngineOptions } from "./engineOptions.js";

/** More threads than this are slow cores on phones, and hardly faster elsewhere. */
const MAX_DEFAULT_THREADS = 4;

/**
 * The engine for browsers, in a page or a worker: ONNX Runtime as WebAssembly or on WebGPU.
 *
 * @throws BAD_ARGUMENT when `threads` is no whole number of at least 1
 * @throws UNSUPPORTED when several threads are asked for where the page is not cross-origin isolated
 * @throws NO_ENGINE when the WebAssembly module does not load, or there is no WebGPU
 */
export async function createWebEngine(options: EngineOptions = {}): Promise<Engine> {
  checkEngineOptions("browser engine", options, ["wasm", "webgpu"]);
  const threads = options.threads ?? defaultThreads();
  if (threads > 1 && !globalThis.crossOriginIsolated) {
    throw new NacreError({
      code: "UNSUPPORTED",
      where: "browser engine, threads",
      expected: "1 on a page that is not cross-origin isolated",
      received: String(threads),
      fix: "serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    });
  }
  const { SessionEngine } = await import("./sessionEngine.js");
  if (options.kind === "webgpu") {
    const { WebGpuBackend } = await import("./webGpu.js");
    return new SessionEngine(await WebGpuBackend.create({ threads, onPlacement: options.onPlacement }));
  }
  const { WasmBackend } = await import("./wasm.js");
  return new SessionEngine(await WasmBackend.create(threads));
}

function defaultThreads(): number {
  if (!globalThis.crossOriginIsolated) return 1;
  // Browsers tell logical cores; two of them often share one.
  return Math.min(MAX_DEFAULT_THREADS, Math.ceil(navigator.hardwareConcurrency / 2));
}
