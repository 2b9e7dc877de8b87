/** Models made smaller and faster for where they run, and functions as ONNX. */
export { quantize } from "./quantize.js";
export type { QuantizeKind, QuantizeOptions } from "./options.js";
export type { RangeMethod } from "./ranges.js";
export { type Comparison, QuantizeReport, type Speed } from "./report.js";
export { distill, type DistillOptions } from "./distill.js";
export { exportFunction, functionToOnnx } from "../export/function.js";
export type { FunctionOptions, InputSpec, TracedFunction } from "../export/function.js";
export type { FileOptions, GraphOptions } from "../export/options.js";
