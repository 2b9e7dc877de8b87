import { NacreError } from "../error.js";

/** What shaders of ONNX Runtime use where a GPU has it. */
const FEATURES: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];

/** Limits that large tensors and fast shaders need raised to what the GPU allows. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** A GPU with all it can do. @throws NO_ENGINE when there is none */
export async function requestDevice(): Promise<GPUDevice> {
  if (globalThis.navigator?.gpu === undefined) {
    throw noGpu("none", "serve the page over HTTPS, and use a browser with WebGPU; or setEngine({ kind: \"wasm\" })");
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw noGpu("no GPU that it may use", 'update the graphics driver, or setEngine({ kind: "wasm" })');
  }
  return adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
}

function noGpu(received: string, fix: string): NacreError {
  return new NacreError({ code: "NO_ENGINE", where: "webgpu engine", expected: "a browser with WebGPU", received, fix });
}
