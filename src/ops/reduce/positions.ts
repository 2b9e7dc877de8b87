import type { Dim } from "../../tensor/dim.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { arange, ones } from "../shape/fill.js";
import { cumSum } from "./cumulative.js";

/** 0, 1, …, length − 1, also where the length is a free dimension. @shape → [length] */
export function positions(length: Dim, dtype: DType = "int32"): Tensor {
  return typeof length === "number" ? arange(length, dtype) : cumSum(ones([length], dtype), { exclusive: true });
}
