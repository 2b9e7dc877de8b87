import { type ValueInfo, encodeModel } from "../onnx/proto.js";
import type { NativeApi } from "./nativeApi.js";
import { FROZEN_LEVEL, GRAPH_LEVEL, LOG_FATAL, type NodeOptions, spinning } from "./sessionOptions.js";

/** What sessions are opened with. */
export interface NativeEnvironment {
  readonly address: bigint;
  readonly sessionOptions: bigint;
  /** For frozen programs. */
  readonly frozenOptions: bigint;
}

/** Opens ONNX Runtime's environment. Each session has threads of its own: only so it can be said how long they wait actively. */
export function openEnvironment(api: NativeApi, { threads, spinUs, profile }: NodeOptions): NativeEnvironment {
  const address = api.create("CreateEnv", LOG_FATAL, "nacre");
  api.call("DisableTelemetryEvents", address);
  const options = api.create("CreateSessionOptions");
  api.call("SetSessionGraphOptimizationLevel", options, GRAPH_LEVEL.number);
  api.call("SetIntraOpNumThreads", options, threads);
  for (const [key, value] of Object.entries(spinning(spinUs))) api.call("AddSessionConfigEntry", options, `session.intra_op.${key}`, value);
  probe(api, address, options);
  if (profile !== undefined) api.call("EnableProfiling", options, profile.prefix);
  return { address, sessionOptions: options, frozenOptions: frozenOptions(api, options) };
}

export function closeEnvironment(api: NativeApi, { address, sessionOptions, frozenOptions }: NativeEnvironment): void {
  api.callVoid("ReleaseSessionOptions", frozenOptions);
  api.callVoid("ReleaseSessionOptions", sessionOptions);
  api.callVoid("ReleaseEnv", address);
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
