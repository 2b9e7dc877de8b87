/** ONNX Runtime compiled to WebAssembly, as onnxruntime-web ships it; called by our own {@link WasmApi}. */
declare module "onnxruntime-web/ort-wasm-simd-threaded.mjs" {
  const create: (config: { readonly numThreads: number }) => Promise<import("./wasmApi.js").WasmModule>;
  export default create;
}
