import { expect, test } from "vitest";
import { jit, tensor } from "../index.js";
import "../testing/engine.js";

test("keeps memory flat when what kernels made is dropped", async () => {
  // 4 MiB an array, two of them a step: 300 leaked steps would be 2.4 GiB.
  const length = 2 ** 20;
  const step = jit((weight: ReturnType<typeof tensor>, momentum: typeof weight) => {
    const next = momentum.mul(0.9).add(weight.add(weight.sum()));
    return { weight: weight.sub(next.mul(1e-9)).mul(0.5), momentum: next };
  });
  let state = { weight: tensor(new Float32Array(length)), momentum: tensor(new Float32Array(length)) };
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 300; i++) state = await step(state.weight, state.momentum);
  expect((await state.weight.data()).length).toBe(length);
  // The collector runs when it likes.
  expect(process.memoryUsage.rss() - before).toBeLessThan(1000 * 2 ** 20);
});
