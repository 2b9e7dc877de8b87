/** Models made smaller and faster for where they run. */
export { quantize } from "./quantize.js";
export type { QuantizeKind, QuantizeOptions } from "./options.js";
export type { RangeMethod } from "./ranges.js";
export { type Comparison, QuantizeReport, type Speed } from "./report.js";
export { distill, type DistillOptions } from "./distill.js";
