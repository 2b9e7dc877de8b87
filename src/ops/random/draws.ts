import { NacreError } from "../../error.js";
import { type Shape, concreteShape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { add, mul } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { less } from "../elementwise/compare.js";
import { cos, log, sin, sqrt } from "../elementwise/unary.js";
import { constant } from "../elementwise/literal.js";
import { concat } from "../shape/concat.js";
import { full } from "../shape/fill.js";
import { reshape } from "../shape/reshape.js";
import { slice } from "../shape/slice.js";
import { randomBits } from "./bits.js";

/** float32 holds each multiple of 2⁻²⁴ in [0, 1) exactly. */
const MANTISSA_BITS = 24;

/**
 * float32 numbers, uniform in [low, high); rounding may give `high` itself where low is not 0.
 * Bit for bit the host's `uniforms` for [0, 1).
 *
 * @param low default 0
 * @param high default 1
 * @shape [2] uint32 → shape
 * @example
 * console.log(await ops.randomUniform(tensor([123, 456], { dtype: "uint32" }), [3]).toArray()); // [0.777, 0.4735, 0.8456]
 */
export function randomUniform(key: Tensor, shape: Shape, low = 0, high = 1): Tensor {
  const lattice = cast(randomBits(key, shape, MANTISSA_BITS), "float32");
  const scaled = mul(lattice, (high - low) * 2 ** -MANTISSA_BITS);
  return low === 0 ? scaled : add(scaled, low);
}

/**
 * float32 numbers of a normal distribution, by the Box-Muller transform.
 *
 * @param mean default 0
 * @param std the standard deviation, at least 0, default 1
 * @shape [2] uint32 → shape
 * @example
 * console.log(await ops.randomNormal(tensor([123, 456], { dtype: "uint32" }), [3]).toArray()); // [0.9787, -0.8703, -1.4293]
 */
export function randomNormal(key: Tensor, shape: Shape, mean = 0, std = 1): Tensor {
  const size = sizeOf(shape, "randomNormal");
  const half = Math.ceil(size / 2);
  const uniforms = randomUniform(key, [2, half]);
  const u = slice(uniforms, [0, 0], [1, half]);
  const angle = mul(slice(uniforms, [1, 0], [2, half]), 2 * Math.PI);
  // 1 − u lies in (0, 1], so that the logarithm stays finite.
  const radius = mul(sqrt(mul(log(add(mul(u, -1), 1)), -2)), std);
  const both = reshape(concat([mul(radius, cos(angle)), mul(radius, sin(angle))]), [2 * half]);
  const values = reshape(slice(both, [0], [size]), shape);
  return mean === 0 ? values : add(values, mean);
}

/**
 * true with probability p, rounded to a multiple of 2⁻³²; never for p = 0, always for p = 1.
 *
 * @throws BAD_ARGUMENT when p is not within [0, 1]
 * @shape [2] uint32 → shape bool
 * @example
 * console.log(await ops.randomBernoulli(tensor([123, 456], { dtype: "uint32" }), 0.5, [4]).toArray()); // [false, true, false, false]
 */
export function randomBernoulli(key: Tensor, p: number, shape: Shape): Tensor {
  if (!(p >= 0 && p <= 1)) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: "randomBernoulli",
      expected: "a probability from 0 to 1",
      received: String(p),
    });
  }
  const threshold = Math.round(p * 2 ** 32);
  if (threshold === 2 ** 32) return full(concreteShape(shape, "randomBernoulli"), 1, "bool");
  return less(randomBits(key, shape), constant(Uint32Array.of(threshold), [], "uint32"));
}
