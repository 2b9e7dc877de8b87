import { expect, test } from "vitest";
import type { Tail } from "../lower/tail/tail.js";
import { type KernelArray, Kernels } from "./kernels.js";
import { LinearMemory } from "./linearMemory.js";

/** y = (a + b) · s − √|a|, and what is under the root. */
const tail = (size: number): Tail => ({
  modelInputs: [],
  modelOutputs: [],
  arrays: [],
  scattered: [],
  calls: [
    {
      kernel: {
        arrays: 2,
        scalars: 1,
        constants: [],
        steps: [
          { instruction: "add", operands: [0, 1] },
          { instruction: "mul", operands: [3, 2] },
          { instruction: "abs", operands: [0] },
          { instruction: "sqrt", operands: [5] },
          { instruction: "sub", operands: [4, 6] },
        ],
        outputs: [7, 5],
      },
      size,
      arrays: [{ from: "input", at: 0 }, { from: "model", at: 0 }],
      scalars: [{ from: "input", at: 1 }],
      outputs: [1, 0],
      scope: "optimizer",
    },
  ],
});

// The last sizes are more than one window or part, and no multiple of a vector.
test.each([1, 3, 4, 4097, 9001, 1_050_001])("%i elements inside and outside of the memory, with pauses", async (size) => {
  const memory = LinearMemory.create(() => 0n)!;
  const kernels = new Kernels(tail(size), memory);
  const array = (inside: boolean, fill: (i: number) => number): KernelArray => {
    const offset = inside ? memory.allocate(4 * size) : undefined;
    const data = offset === undefined ? new Float32Array(size) : (memory.view("float32", offset, size) as Float32Array);
    for (let i = 0; i < size; i++) data[i] = fill(i);
    return { data, offset };
  };
  for (const [a, b, y, root] of [[true, true, true, true], [true, false, true, true], [true, true, false, true], [false, false, false, false]] as const) {
    const inputs = [array(a, (i) => Math.sin(i)), { data: Float32Array.of(0.5), offset: undefined }];
    const model = [array(b, (i) => Math.cos(i))];
    const outputs = [array(root, () => 7), array(y, () => 7)];
    const told: string[] = [];
    const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await kernels.run(({ from, at }) => (from === "input" ? inputs : model)[at]!, outputs, { breathe, ran: (scope) => void told.push(scope) });
    const [left, right] = [inputs[0]!.data as Float32Array, model[0]!.data as Float32Array];
    const wrong = left.findIndex((value, i) => {
      const under = Math.abs(value);
      const expected = Math.fround(Math.fround(Math.fround(value + right[i]!) * 0.5) - Math.fround(Math.sqrt(under)));
      return outputs[1]!.data[i] !== expected || outputs[0]!.data[i] !== under;
    });
    expect(wrong).toBe(-1);
    expect(told).toEqual(["optimizer"]);
  }
  kernels.close();
});
