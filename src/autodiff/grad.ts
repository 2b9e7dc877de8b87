import { NacreError, checkOptions } from "../error.js";
import { toTensor } from "../graph/literal.js";
import { identity } from "../ops/elementwise/unary.js";
import { onesLike, zerosLike } from "../ops/shape/fill.js";
import { isFloat } from "../tensor/dtype.js";
import { formatShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { gradients } from "./gradients.js";
import { mapTree } from "./tree.js";

/** The same tree with a tensor at every number and tensor: what gradients look like. */
export type Gradient<T> = T extends Tensor | number
  ? Tensor
  : T extends readonly unknown[]
    ? { [K in keyof T]: Gradient<T[K]> }
    : T extends object
      ? { [K in keyof T]: Gradient<T[K]> }
      : T;

/**
 * The function that computes ∂f/∂(first argument), or of the arguments listed in `argnums`.
 * Arguments are tensors, numbers, or nested objects and arrays of them; `f` returns a scalar
 * tensor. The result is again a function of tensors: it can be differentiated and jitted.
 *
 * @throws SHAPE_MISMATCH when `f` does not return a scalar
 * @throws NO_GRADIENT when an argument holds no floating-point numbers
 * @example
 * const f = (x: Tensor) => x.square().sum();
 * console.log(await grad(f)(tensor([1, 2])).toArray()); // [2, 4]
 */
export function grad<A extends readonly unknown[]>(f: (...args: A) => Tensor): (...args: A) => Gradient<A[0]>;
export function grad<A extends readonly unknown[], const N extends readonly number[]>(
  f: (...args: A) => Tensor,
  options: { readonly argnums: N },
): (...args: A) => { [K in keyof N]: N[K] extends number ? Gradient<A[N[K]]> : never };
export function grad(
  f: (...args: unknown[]) => Tensor,
  options?: { readonly argnums: readonly number[] },
): (...args: unknown[]) => unknown {
  const both = valueAndGrad(f as never, options as never) as (...args: unknown[]) => { grad: unknown };
  return (...args) => both(...args).grad;
}

/**
 * The function that computes both f and its gradient, from one forward pass.
 *
 * @throws SHAPE_MISMATCH when `f` does not return a scalar
 * @example
 * const { value, grad } = valueAndGrad((x: Tensor) => x.square().sum())(tensor([3]));
 * console.log(await value.item(), await grad.toArray()); // 9 [6]
 */
export function valueAndGrad<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
): (...args: A) => { value: Tensor; grad: Gradient<A[0]> };
export function valueAndGrad<A extends readonly unknown[], const N extends readonly number[]>(
  f: (...args: A) => Tensor,
  options: { readonly argnums: N },
): (...args: A) => { value: Tensor; grad: { [K in keyof N]: N[K] extends number ? Gradient<A[N[K]]> : never } };
export function valueAndGrad(
  f: (...args: unknown[]) => Tensor,
  options?: { readonly argnums: readonly number[] },
): (...args: unknown[]) => { value: Tensor; grad: unknown } {
  checkOptions("grad", options ?? {}, ["argnums"]);
  const argnums = options?.argnums ?? [0];
  return (...args) => {
    const wrt: Tensor[] = [];
    const inputs = [...args];
    for (const i of argnums) {
      if (!Number.isInteger(i) || i < 0 || i >= args.length) throw badArgument(i, args.length);
      const before = wrt.length;
      // A tensor of its own for each leaf: the same tensor may be passed twice.
      inputs[i] = mapTree(args[i], (leaf) => {
        if (!(leaf instanceof Tensor) && typeof leaf !== "number") return leaf;
        const variable = identity(toTensor(leaf));
        if (isFloat(variable.dtype)) wrt.push(variable);
        return variable;
      });
      if (wrt.length === before) throw nothingToDifferentiate(i);
    }
    const value = f(...inputs);
    if (!(value instanceof Tensor) || value.rank !== 0 || !isFloat(value.dtype)) throw notScalar(value);
    const found = gradients([value], [onesLike(value)], wrt);
    const byVariable = new Map(wrt.map((variable, i) => [variable, found[i] ?? zerosLike(variable)]));
    const trees = argnums.map((i) =>
      mapTree(inputs[i], (leaf) => (leaf instanceof Tensor ? (byVariable.get(leaf) ?? null) : leaf)),
    );
    return { value, grad: options === undefined ? trees[0] : trees };
  };
}

function badArgument(i: number, count: number): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "grad",
    expected: `argnums from 0 to ${count - 1}`,
    received: String(i),
  });
}

function nothingToDifferentiate(i: number): NacreError {
  return new NacreError({
    code: "NO_GRADIENT",
    where: `grad, argument ${i}`,
    expected: "floating-point tensors or numbers",
    received: "none",
    fix: 'cast whole numbers first: x.cast("float32")',
  });
}

function notScalar(value: unknown): NacreError {
  // A function that waits is the mistake to report, not what it throws in the end.
  if (value instanceof Promise) value.catch(() => undefined);
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where: "grad",
    expected: "a function that returns a floating-point scalar tensor",
    received: value instanceof Tensor ? `${value.dtype} ${formatShape(value.shape)}` : value instanceof Promise ? "a promise" : typeof value,
    fix: "reduce the result, as in .mean() or .sum()",
  });
}
