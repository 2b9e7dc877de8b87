import { softplus as smoothRelu } from "../ops/elementwise/unary.js";
import { less, lessEqual } from "../ops/elementwise/compare.js";
import { where } from "../ops/elementwise/where.js";
import type { Tensor } from "../tensor/tensor.js";

/** ln(1 + eˣ), without overflow. */
export function softplus(x: Tensor): Tensor {
  return smoothRelu(x);
}

/** x / (1 + |x|). */
export function softsign(x: Tensor): Tensor {
  return x.div(x.abs().add(1));
}

/** 0 up to −1, (x + 1)²/4 up to 1, then x. */
export function sparsePlus(x: Tensor): Tensor {
  const curve = x.add(1).square().mul(0.25);
  return where(lessEqual(x, -1), 0, where(less(x, 1), curve, x));
}

/** (x + √(x² + b)) / 2. */
export function squareplus(x: Tensor, options: { /** Roundness, at least 0. Default 4. */ readonly b?: number } = {}): Tensor {
  return x.add(x.square().add(options.b ?? 4).sqrt()).mul(0.5);
}
