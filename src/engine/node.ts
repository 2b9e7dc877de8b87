import { NacreError } from "../error.js";
import type { Engine } from "./engine.js";
import { type EngineOptions, checkEngineOptions } from "./engineOptions.js";
import type { NodeOptions, ProfileSink } from "./sessionOptions.js";

/**
 * The engine for Node: ONNX Runtime on the CPU; with a profile, it writes down what takes how long.
 *
 * @throws BAD_ARGUMENT when `threads` is no whole number of at least 1
 * @throws NO_ENGINE when neither way to reach ONNX Runtime works here
 * @example
 * const engine = await createNodeEngine({ threads: 4 });
 */
export async function createNodeEngine(options: EngineOptions = {}, profile?: ProfileSink): Promise<Engine> {
  checkEngineOptions("Node engine", options, KINDS);
  const { usableCores } = await import("./threads.js");
  const settings = { threads: options.threads ?? usableCores(), spinUs: options.spinUs ?? SPIN_US, profile };
  const failures: unknown[] = [];
  for (const kind of KINDS) {
    if (options.kind !== undefined && kind !== options.kind) continue;
    try {
      const engine = await create(kind, settings);
      if (kind === "wasm" && options.kind === undefined) sayOnce(failures);
      return engine;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new NacreError({
    code: "NO_ENGINE",
    where: "Node engine",
    expected: `ONNX Runtime for ${process.platform} ${process.arch}`,
    received: messages(failures),
    fix: "ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node koffi (Linux with glibc, Windows, macOS on Apple silicon), or npm install onnxruntime-web (anywhere, slower)",
    cause: failures[0],
  });
}

/** Long enough for the next op's work to come, too short to be in the way of other processes. */
const SPIN_US = 100;

/** From the fastest to the one that runs anywhere. */
const KINDS = ["native", "binding", "wasm"] as const;

async function create(kind: (typeof KINDS)[number], settings: NodeOptions): Promise<Engine> {
  const { SessionEngine } = await import("./sessionEngine.js");
  if (kind === "native") {
    const { NativeBackend } = await import("./native.js");
    return new SessionEngine(await NativeBackend.create(settings));
  }
  if (kind === "binding") {
    const { BindingBackend } = await import("./binding.js");
    return new SessionEngine(await BindingBackend.create(settings));
  }
  const { WasmBackend } = await import("./wasm.js");
  return new SessionEngine(await WasmBackend.create(settings.threads));
}

let said = false;

/** Tells the user why programs run slower than they could, the first time. */
function sayOnce(failures: readonly unknown[]): void {
  if (said) return;
  said = true;
  const where = `${process.platform} ${process.arch}`;
  console.warn(`nacre: ONNX Runtime's native library does not load on ${where}, so programs run as WebAssembly, several times slower. ${messages(failures)}`);
}

function messages(failures: readonly unknown[]): string {
  return failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join("; ");
}
