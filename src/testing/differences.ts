import { expect } from "vitest";
import { gradients } from "../autodiff/gradients.js";
import { type Graph, graphOf, placeholder } from "../graph/graph.js";
import { add, mul } from "../ops/elementwise/binary.js";
import { constant } from "../ops/elementwise/literal.js";
import { sum } from "../ops/reduce/reduce.js";
import { zerosLike } from "../ops/shape/fill.js";
import { arrayOf, isFloat } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import { type PlainFunction, type PlainValue, withPlainSession } from "./plainRun.js";

export type TensorFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/**
 * How derivatives are taken. Both use Richardson's extrapolation (4·D(h) − D(2h)) / 3 of central
 * differences D, so that truncation errs by O(h⁴).
 *
 * float64: rounding errs by 2⁻⁵³ · |f| / h ≈ 1e-12 and truncation by about 1e-12 · f⁽⁵⁾.
 * float32: rounding by 2⁻²⁴ · |f| / h ≈ 1e-5 for |f| up to 10, truncation by about 1e-6 · f⁽⁵⁾.
 * The tolerances, relative to the largest gradient where that exceeds 1, are about 100 times that.
 */
const METHODS = {
  float64: { step: 1e-3, tolerance: 1e-8 },
  float32: { step: 3e-2, tolerance: 2e-3 },
} as const;

export type Precision = keyof typeof METHODS;

/** Fixed numbers in (−1, 1) without a pattern that an error could hide in. */
function scrambled(size: number, salt: number): number[] {
  return Array.from({ length: size }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + salt * 78.233) * 43758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  });
}

function weights(like: Tensor, salt: number): Tensor {
  return constant(arrayOf(like.dtype, scrambled(like.size, salt)), like.shape as readonly number[], like.dtype);
}

/**
 * Compares the first and second derivatives of a function with central differences, element by
 * element: those of L = Σ R·y + ½·y², and of Σ V·∂L/∂x, for fixed R and V. The square makes the
 * second derivative pass through the gradient rule's dependence on its cotangent too.
 */
export async function expectDerivatives(f: TensorFunction, at: readonly PlainValue[], precision: Precision): Promise<void> {
  const values = at.map((value): PlainValue =>
    isFloat(value.dtype) ? { ...value, dtype: precision, data: arrayOf(precision, value.data) } : value,
  );
  const inputs = values.map(({ shape, dtype }, i) => placeholder(shape, dtype, `x${i}`));
  const wrt = inputs.filter(({ dtype }) => isFloat(dtype));
  const outputs = [f(...inputs)].flat().filter(({ dtype }) => isFloat(dtype));
  const terms = outputs.map((y, i) => sum(mul(y, add(weights(y, i), mul(y, 0.5)))));
  const loss = terms.reduce((a, b) => add(a, b));
  const first = gradientsOrZeros(loss, wrt);
  const slope = first.map((g, i) => sum(mul(g, weights(g, 100 + i)))).reduce((a, b) => add(a, b));
  await expectGradient(graphOf(inputs, [loss, ...first]), values, precision, "first derivative");
  const second = gradientsOrZeros(slope, wrt);
  await expectGradient(graphOf(inputs, [slope, ...second]), values, precision, "second derivative");
}

function gradientsOrZeros(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  const one = constant(arrayOf(loss.dtype, [1]), [], loss.dtype);
  return gradients([loss], [one], wrt).map((g, i) => g ?? zerosLike(wrt[i]!));
}

/** Checks outputs 1, 2, … of a graph to be the gradients of its output 0 in each float input. */
async function expectGradient(graph: Graph, values: readonly PlainValue[], precision: Precision, what: string): Promise<void> {
  const { step, tolerance } = METHODS[precision];
  const wrt = values.flatMap(({ dtype }, i) => (isFloat(dtype) ? [i] : []));
  const claimed = await withPlainSession(graph, (run) => run(values));
  await withPlainSession(graphOf(graph.inputs, [graph.outputs[0]!]), async (run) => {
    for (const [at, input] of wrt.entries()) {
      const claim = claimed[at + 1]!.data as Float32Array | Float64Array;
      const scale = Math.max(1, ...Array.from<number, number>(claim, Math.abs));
      for (let i = 0; i < claim.length; i++) {
        const measured = await derivative(run, values, input, i, step);
        const error = Math.abs(claim[i]! - measured);
        const say = `${what} in element ${i} of input ${input}: rule ${claim[i]}, difference ${measured}`;
        expect(error, say).toBeLessThanOrEqual(tolerance * scale);
      }
    }
  });
}

/** The derivative of a graph's one scalar output in one element of one input. */
async function derivative(
  run: PlainFunction,
  values: readonly PlainValue[],
  input: number,
  element: number,
  step: number,
): Promise<number> {
  const x = Number(values[input]!.data[element]);
  const valueAt = async (place: number): Promise<number> => {
    const data = values[input]!.data.slice() as Float32Array | Float64Array;
    data[element] = place;
    const [result] = await run(values.map((value, i) => (i === input ? { ...value, data } : value)));
    return Number(result!.data[0]);
  };
  // Divided by the distance that is left after rounding to the dtype.
  const round = values[input]!.dtype === "float32" ? Math.fround : (place: number): number => place;
  const central = async (h: number): Promise<number> => {
    const [low, high] = [round(x - h), round(x + h)];
    return ((await valueAt(high)) - (await valueAt(low))) / (high - low);
  };
  return (4 * (await central(step)) - (await central(2 * step))) / 3;
}
