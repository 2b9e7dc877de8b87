import { type ValueInfo, encodeModel } from "../onnx/proto.js";
import type { NativeApi } from "./nativeApi.js";
import { FROZEN_LEVEL, GRAPH_LEVEL, LOG_FATAL, type NodeOptions } from "./sessionOptions.js";

/** What sessions are opened with. */
export interface NativeEnvironment {
  readonly address: bigint;
  readonly sessionOptions: bigint;
  /** For frozen programs. */
  readonly frozenOptions: bigint;
}

/** Settings of the thread pool that engines share; ONNX Runtime has one environment a process. */
let shared: { readonly options: NodeOptions; engines: number } | undefined;

/**
 * Opens ONNX Runtime's environment with one pool of threads for all sessions. Where it was opened
 * before, by other code without a pool or by an engine with other settings, sessions get threads of their own.
 */
export function openEnvironment(api: NativeApi, options: NodeOptions): NativeEnvironment {
  const threading = api.create("CreateThreadingOptions");
  api.call("SetGlobalIntraOpNumThreads", threading, options.threads);
  api.call("SetGlobalInterOpNumThreads", threading, 1);
  api.call("SetGlobalSpinControl", threading, options.spin ? 1 : 0);
  const address = api.create("CreateEnvWithGlobalThreadPools", LOG_FATAL, "nacre", threading);
  api.callVoid("ReleaseThreadingOptions", threading);
  api.call("DisableTelemetryEvents", address);
  shared ??= { options, engines: 0 };
  shared.engines++;
  const { threads, spin } = shared.options;
  const pooled = createSessionOptions(api);
  try {
    if (threads === options.threads && spin === options.spin) {
      api.call("DisablePerSessionThreads", pooled);
      probe(api, address, pooled);
      return { address, sessionOptions: pooled, frozenOptions: frozenOptions(api, pooled) };
    }
  } catch {
    // No pool: answered by what follows.
  }
  api.callVoid("ReleaseSessionOptions", pooled);
  const own = createSessionOptions(api);
  api.call("SetIntraOpNumThreads", own, options.threads);
  api.call("AddSessionConfigEntry", own, "session.intra_op.allow_spinning", options.spin ? "1" : "0");
  probe(api, address, own);
  return { address, sessionOptions: own, frozenOptions: frozenOptions(api, own) };
}

export function closeEnvironment(api: NativeApi, { address, sessionOptions, frozenOptions }: NativeEnvironment): void {
  api.callVoid("ReleaseSessionOptions", frozenOptions);
  api.callVoid("ReleaseSessionOptions", sessionOptions);
  api.callVoid("ReleaseEnv", address);
  if (shared !== undefined && --shared.engines === 0) shared = undefined;
}

function createSessionOptions(api: NativeApi): bigint {
  const options = api.create("CreateSessionOptions");
  api.call("SetSessionGraphOptimizationLevel", options, GRAPH_LEVEL.number);
  return options;
}

function frozenOptions(api: NativeApi, sessionOptions: bigint): bigint {
  const options = api.create("CloneSessionOptions", sessionOptions);
  api.call("SetSessionGraphOptimizationLevel", options, FROZEN_LEVEL.number);
  return options;
}

/** Opens the smallest of programs, to find out early whether sessions open at all. */
function probe(api: NativeApi, environment: bigint, sessionOptions: bigint): void {
  const port = (name: string): ValueInfo => ({ name, dtype: "float32", shape: [] });
  const model = encodeModel({
    irVersion: 8,
    opsetImports: [{ domain: "", version: 13 }],
    producerName: "",
    producerVersion: "",
    metadata: {},
    graph: {
      name: "probe",
      nodes: [{ name: "", opType: "Identity", domain: "", inputs: ["x"], outputs: ["y"], attributes: [] }],
      initializers: [],
      inputs: [port("x")],
      outputs: [port("y")],
    },
  });
  api.callVoid("ReleaseSession", api.create("CreateSessionFromArray", environment, model, model.length, sessionOptions));
}
