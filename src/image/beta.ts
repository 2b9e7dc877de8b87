import { add, div, mul, pow, sub } from "../ops/elementwise/binary.js";
import { less } from "../ops/elementwise/compare.js";
import { cos, sqrt, square } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Draws } from "./draws.js";

/** Keeps 0 / 0 out; far below what float32 could add to a number of the formula that is not 0. */
const TINY = 1e-30;

/**
 * Numbers of the beta distribution with both parameters `alpha` above 0, one for each image.
 *
 * With uniform U and V, T = √ν · √(U^(−2/ν) − 1) · cos 2πV has Student's distribution of ν degrees,
 * and (1 + T / √(ν + T²)) / 2 the beta distribution of ν/2 and ν/2: no draw is ever refused.
 *
 * @source Bailey 1994, Devroye 1996
 */
export function symmetricBeta(draws: Draws, alpha: Tensor | number): Tensor {
  const wave = cos(mul(draws.uniform([0, 1]), 2 * Math.PI));
  // T² / (ν + T²) = c²·(1 − q) / (q + c²·(1 − q)) with q = U^(1/alpha) and c = cos 2πV.
  const q = pow(sub(1, draws.uniform([0, 1])), div(1, alpha));
  const strength = mul(square(wave), sub(1, q));
  const deviation = mul(sqrt(div(strength, add(add(q, strength), TINY))), 0.5);
  return add(where(less(wave, 0), mul(deviation, -1), deviation), 0.5);
}
