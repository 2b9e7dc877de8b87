import * as ops from "../../../ops/index.js";
import { normalizeAxis } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

/** (x − zero point) · scale, with one of each for all, or along an axis. */
function dequantizeLinear(call: Call): Outputs {
  const [x, scale, zero] = [call.tensor(0), call.tensor(1), call.optional(2)];
  if (call.int("block_size", 0) !== 0) return undefined;
  const axis = x.rank === 0 ? 0 : normalizeAxis(call.int("axis", 1), Math.max(x.rank, 2), call.where);
  const laid = (vector: Tensor): Tensor =>
    vector.rank === 0 || vector.shape[0] === 1 ? ops.reshape(vector, []) : ops.reshape(vector, x.shape.map((_, i) => (i === axis ? -1 : 1)));
  const value = ops.cast(x, scale.dtype);
  const centered = zero === undefined ? value : ops.sub(value, laid(ops.cast(zero, scale.dtype)));
  return ops.mul(centered, laid(scale));
}

export const quantization: Readonly<Record<string, Rule>> = { DequantizeLinear: dequantizeLinear };
