import { describe, expect, test } from "vitest";
import { grad } from "../../autodiff/grad.js";
import "../../ops/methods.js";
import { sigmoid, tanh } from "../../ops/elementwise/unary.js";
import { split } from "../../ops/shape/concat.js";
import { keyOf, normals } from "../../random/host.js";
import { tensor } from "../../tensor/convert.js";
import type { Tensor } from "../../tensor/tensor.js";
import "../../testing/engine.js";
import { expectClose } from "../../testing/layerProbe.js";
import { lstmStep } from "./lstmStep.js";

/** The same step, whose gradient the rules of its ops put together. */
function plainStep(all: Tensor, before: Tensor): readonly [Tensor, Tensor] {
  const [i, f, o, g] = split(all, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
  const memory = sigmoid(f).mul(before).add(sigmoid(i).mul(tanh(g)));
  return [sigmoid(o).mul(tanh(memory)), memory];
}

const random = (seed: number, ...shape: number[]): Tensor => tensor(normals(keyOf(seed), shape[0]! * shape[1]!)).reshape(shape);
const [all, before, ofOutput, ofMemory] = [random(1, 3, 20), random(2, 3, 5), random(3, 3, 5), random(4, 3, 5)];

describe.each([
  ["output and memory", ([h, c]: readonly [Tensor, Tensor]) => h.mul(ofOutput).add(c.mul(ofMemory)).sum()],
  ["the output", ([h]: readonly [Tensor, Tensor]) => h.mul(ofOutput).sum()],
  ["the memory", ([, c]: readonly [Tensor, Tensor]) => c.mul(ofMemory).sum()],
])("a loss of %s", (_, loss) => {
  // A few float32 roundings of numbers up to 2.
  const tolerance = 1e-6;
  const both = (work: (step: typeof plainStep) => Promise<unknown>): Promise<unknown[]> => Promise.all([work(lstmStep), work(plainStep)]);

  test("and its gradients are those of the plain step", async () => {
    for (const wrt of [0, 1] as const) {
      const [written, found] = await both(async (step) => {
        const operands = [all, before] as const;
        return grad((x: Tensor) => loss(wrt === 0 ? step(x, operands[1]) : step(operands[0], x)))(operands[wrt]).toArray();
      });
      expectClose((written as number[][]).flat(), (found as number[][]).flat(), tolerance);
    }
    const [value, expected] = await both(async (step) => loss(step(all, before)).toArray());
    expect(value).toBeCloseTo(expected as number, 5);
  });

  test("one row that stands for all has the gradients' sum", async () => {
    const [rowOfAll, rowOfMemory] = [random(5, 1, 20), random(6, 1, 5)];
    const pairs = [
      (step: typeof plainStep) => grad((x: Tensor) => loss(step(all, x)))(rowOfMemory),
      (step: typeof plainStep) => grad((x: Tensor) => loss(step(x, before)))(rowOfAll),
    ];
    for (const gradient of pairs) {
      const [written, found] = await both(async (step) => gradient(step).toArray());
      expectClose((written as number[][]).flat(), (found as number[][]).flat(), 3 * tolerance);
    }
  });

  test("gradients of gradients, too", async () => {
    const [written, found] = await both(async (step) => grad((x: Tensor) => grad((z: Tensor) => loss(step(z, before)))(x).square().sum())(all).toArray());
    expectClose((written as number[][]).flat(), (found as number[][]).flat(), 5 * tolerance);
  });
});
