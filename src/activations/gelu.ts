import type { Tensor } from "../tensor/tensor.js";

/**
 * x·Φ(x), Φ being the normal distribution function: x/2·(1 + erf(x/√2)), or, approximated,
 * x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
 */
export function gelu(
  x: Tensor,
  options: { /** Whether to use the tanh form. Default false. */ readonly approximate?: boolean } = {},
): Tensor {
  if (options.approximate !== true) return x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5);
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(inner.tanh().add(1)).mul(0.5);
}
