import { NacreError, checkOptions } from "../error.js";
import type { Engine } from "./engine.js";

/** Options of {@link createNodeEngine}. */
export interface NodeEngineOptions {
  /** Threads that one run may use, at least 1. Default: one a physical core. */
  readonly threads?: number;
  /** Whether idle threads wait for work actively: faster, but dear when other processes compete. Default true. */
  readonly spin?: boolean;
  /** `"native"` calls ONNX Runtime's C API, `"binding"` its JavaScript binding. Default: the first that loads. */
  readonly kind?: "native" | "binding";
}

/**
 * The engine for Node: ONNX Runtime on the CPU.
 *
 * @throws BAD_ARGUMENT when `threads` is no whole number of at least 1
 * @throws NO_ENGINE when neither way to reach ONNX Runtime works here
 * @example
 * const engine = await createNodeEngine({ threads: 4 });
 */
export async function createNodeEngine(options: NodeEngineOptions = {}): Promise<Engine> {
  checkOptions("Node engine", options, ["threads", "spin", "kind"]);
  const { threads } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: "Node engine, threads",
      expected: "a whole number of at least 1",
      received: String(threads),
    });
  }
  const { SessionEngine } = await import("./sessionEngine.js");
  const { usableCores } = await import("./threads.js");
  const settings = { threads: threads ?? usableCores(), spin: options.spin ?? true };
  const failures: unknown[] = [];
  if (options.kind !== "binding") {
    try {
      const { NativeBackend } = await import("./native.js");
      return new SessionEngine(await NativeBackend.create(settings));
    } catch (error) {
      failures.push(error);
    }
  }
  if (options.kind !== "native") {
    try {
      const { BindingBackend } = await import("./binding.js");
      return new SessionEngine(await BindingBackend.create(settings));
    } catch (error) {
      failures.push(error);
    }
  }
  throw new NacreError({
    code: "NO_ENGINE",
    where: "Node engine",
    expected: `ONNX Runtime for ${process.platform} ${process.arch}`,
    received: failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join("; "),
    fix: "install onnxruntime-node (Linux with glibc, Windows, or macOS on Apple silicon), or run the program in a browser",
    cause: failures[0],
  });
}
