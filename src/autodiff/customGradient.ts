import { NacreError } from "../error.js";
import { type Apply, defineOp } from "../graph/op.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Cotangents of outputs in, cotangents of operands out; null for an operand without gradient. */
export type Backward = (cotangents: readonly (Tensor | null)[]) => readonly (Tensor | null)[];

type Attrs = { readonly backward: Backward; readonly outputs: number };

/**
 * Outputs that are known already, as functions of operands with a gradient of their own: the walk
 * meets this node first and goes on at the operands, past what computed the outputs.
 */
export const withBackward = defineOp({
  name: "withBackward",
  call: (apply: Apply<Attrs>) => (outputs: readonly Tensor[], operands: readonly Tensor[], backward: Backward): readonly Tensor[] =>
    apply([...outputs, ...operands], { backward, outputs: outputs.length }),
  infer: (inputs, { outputs }) => inputs.slice(0, outputs),
  grad: ({ attrs: { backward, outputs } }, cotangents) => [
    ...Array.from({ length: outputs }, () => null),
    ...backward(cotangents),
  ],
  lower: (_b, inputs, { attrs: { outputs } }) => inputs.slice(0, outputs),
});

/** What a gradient of one's own may use, beside the cotangent of the output. */
export interface CustomGradientContext<A extends readonly Tensor[]> {
  readonly inputs: A;
  readonly output: Tensor;
}

/**
 * A function with a gradient of one's own: `f` computes it, and `backward` turns the cotangent of
 * its output into one for each operand, null where there is none. What `backward` returns can be
 * differentiated again. Tensors that `f` uses but is not given get no gradient.
 *
 * @throws SHAPE_MISMATCH when a cotangent does not have its operand's shape
 * @example
 * // Rounding, through which gradients pass as if it were not there.
 * const roundThrough = customGradient((x: Tensor) => x.round(), (g) => [g]);
 * console.log(await grad((x: Tensor) => roundThrough(x).square().sum())(tensor([1.2, 2.7])).toArray()); // [2, 6]
 */
export function customGradient<A extends readonly Tensor[]>(
  f: (...inputs: A) => Tensor,
  backward: (cotangent: Tensor, context: CustomGradientContext<A>) => readonly (Tensor | null)[],
): (...inputs: A) => Tensor {
  return (...inputs) => {
    const output = f(...inputs);
    const rule: Backward = ([cotangent]) => {
      const found = backward(cotangent!, { inputs, output });
      checkCotangents(inputs, found);
      return found;
    };
    return withBackward([output], inputs, rule)[0]!;
  };
}

function checkCotangents(inputs: readonly Tensor[], found: readonly (Tensor | null)[]): void {
  const fits = found.length === inputs.length && found.every((g, i) => g === null || sameShape(g.shape, inputs[i]!.shape));
  if (fits) return;
  const shapes = (list: readonly (Tensor | null)[]): string => list.map((x) => (x === null ? "null" : formatShape(x.shape))).join(", ");
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where: "customGradient",
    expected: `cotangents of the operands' shapes, ${shapes(inputs)}`,
    received: found.length === 0 ? "none" : shapes(found),
    fix: "sum over the axes along which an operand was broadcast",
  });
}
