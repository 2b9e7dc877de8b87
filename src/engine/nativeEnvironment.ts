import { type ValueInfo, encodeModel } from "../onnx/proto.js";
import type { NativeApi } from "./nativeApi.js";
import { FROZEN_LEVEL, GRAPH_LEVEL, LOG_FATAL, type NodeOptions, spinning } from "./sessionOptions.js";

/** What sessions are opened with. */
export interface NativeEnvironment {
  readonly address: bigint;
  readonly options: SessionOptions;
}

/** Settings by kind of program. */
export interface SessionOptions {
  readonly small: bigint;
  /** For programs with large arrays: without a plan for all memory of a run, they take a quarter less of it and are no slower. */
  readonly large: bigint;
  /** The same for programs of which two runs happen at the same time: each of them brings a thread of its own. */
  readonly smallAbreast: bigint;
  readonly largeAbreast: bigint;
  readonly frozen: bigint;
}

/** Opens ONNX Runtime's environment. Each session has threads of its own: only so it can be said how long they wait actively. */
export function openEnvironment(api: NativeApi, { threads, spinUs, profile }: NodeOptions): NativeEnvironment {
  const address = api.create("CreateEnv", LOG_FATAL, "nacre");
  api.call("DisableTelemetryEvents", address);
  const small = api.create("CreateSessionOptions");
  api.call("SetSessionGraphOptimizationLevel", small, GRAPH_LEVEL.number);
  api.call("SetIntraOpNumThreads", small, threads);
  for (const [key, value] of Object.entries(spinning(spinUs))) api.call("AddSessionConfigEntry", small, `session.intra_op.${key}`, value);
  probe(api, address, small);
  if (profile !== undefined) api.call("EnableProfiling", small, profile.prefix);
  const large = api.create("CloneSessionOptions", small);
  api.call("DisableMemPattern", large);
  const [smallAbreast, largeAbreast] = [small, large].map((options) => {
    const abreast = api.create("CloneSessionOptions", options);
    api.call("SetIntraOpNumThreads", abreast, Math.max(1, threads - 1));
    return abreast;
  }) as [bigint, bigint];
  const frozen = api.create("CloneSessionOptions", small);
  api.call("SetSessionGraphOptimizationLevel", frozen, FROZEN_LEVEL.number);
  return { address, options: { small, large, smallAbreast, largeAbreast, frozen } };
}

export function closeEnvironment(api: NativeApi, { address, options }: NativeEnvironment): void {
  for (const each of Object.values(options) as bigint[]) api.callVoid("ReleaseSessionOptions", each);
  api.callVoid("ReleaseEnv", address);
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
