import { NacreError } from "../../error.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Refuses a merge of fewer than two inputs, or of any but two where `exactly`. */
export function needTwo(where: string, inputs: readonly Tensor[], exactly = false): void {
  if (inputs.length === 2 || (inputs.length > 2 && !exactly)) return;
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: exactly ? "a list of two inputs" : "a list of at least two inputs",
    received: String(inputs.length),
    fix: "call it with a list, as in layers.add()([a, b])",
  });
}
