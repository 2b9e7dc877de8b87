import { constant } from "../ops/elementwise/literal.js";
import { identity } from "../ops/elementwise/unary.js";
import { concat } from "../ops/shape/concat.js";
import { zerosLike, zeros } from "../ops/shape/fill.js";
import { reshape } from "../ops/shape/reshape.js";
import { arrayOf } from "../tensor/dtype.js";
import { concreteShape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { grad } from "./grad.js";
import { gradients } from "./gradients.js";

/**
 * The function that computes all derivatives ∂yᵢ/∂xⱼ of a function of its first argument, in one
 * program with a backward pass for every element of y: for results of few elements.
 *
 * @shape f: [...X] → [...Y] gives [...X] → [...Y,...X]
 * @example
 * const f = (x: Tensor) => x.square();
 * console.log(await jacobian(f)(tensor([1, 2])).toArray()); // [[2, 0], [0, 4]]
 */
export function jacobian<A extends readonly unknown[]>(
  f: (x: Tensor, ...rest: A) => Tensor,
): (x: Tensor, ...rest: A) => Tensor {
  return (x, ...rest) => {
    const variable = identity(x);
    const y = f(variable, ...rest);
    const shape = concreteShape(y.shape, "jacobian");
    const size = sizeOf(shape);
    const rows = Array.from({ length: size }, (_, i) => {
      const chosen = arrayOf(y.dtype, Array.from({ length: size }, (_unused, j) => Number(i === j)));
      const [row] = gradients([y], [constant(chosen, shape, y.dtype)], [variable]);
      return reshape(row ?? zerosLike(x), [1, ...x.shape]);
    });
    const matrix = size === 0 ? zeros([0, ...x.shape], x.dtype) : concat(rows);
    return reshape(matrix, [...shape, ...x.shape]);
  };
}

/**
 * The function that computes all second derivatives ∂²f/∂xᵢ∂xⱼ of a scalar function of its first
 * argument, in one program with a backward pass for every element of x: for few elements.
 *
 * @throws SHAPE_MISMATCH when `f` does not return a scalar
 * @shape f: [...X] → [] gives [...X] → [...X,...X]
 * @example
 * const f = (x: Tensor) => x.prod();
 * console.log(await hessian(f)(tensor([2, 3])).toArray()); // [[0, 1], [1, 0]]
 */
export function hessian<A extends readonly unknown[]>(
  f: (x: Tensor, ...rest: A) => Tensor,
): (x: Tensor, ...rest: A) => Tensor {
  return jacobian(grad(f as (...args: readonly [Tensor, ...A]) => Tensor) as (x: Tensor, ...rest: A) => Tensor);
}
