import { expect, test } from "vitest";
import type { KernelArray } from "./kernels.js";
import { Kernels } from "./kernels.js";
import { LinearMemory } from "./linearMemory.js";

const input = (at: number) => ({ from: "input", at }) as const;

test.each([true, false])("rows are added in order, in the kernels' memory (%s) or from outside, and are gone after", async (inside) => {
  const memory = LinearMemory.create(() => 0n)!;
  const size = 5 * 4;
  const kernels = new Kernels(
    {
      modelInputs: [],
      modelOutputs: [],
      arrays: [],
      scattered: [{ rows: 5, width: 4, updates: input(0), places: input(1) }],
      calls: [{ kernel: { arrays: 1, scalars: 0, constants: [], steps: [{ instruction: "neg", operands: [0] }], outputs: [1] }, size, arrays: [{ from: "scattered", at: 0 }], scalars: [], outputs: [0], scope: "" }],
    },
    memory,
  );
  const array = (length: number): KernelArray => {
    const offset = inside ? memory.allocate(4 * length) : undefined;
    return { offset, data: offset === undefined ? new Float32Array(length) : memory.view("float32", offset, length) };
  };
  const [updates, output] = [array(12), array(size)];
  const run = async (places: readonly number[], first: number): Promise<number[]> => {
    (updates.data as Float32Array).set(Float32Array.from({ length: 12 }, (_, i) => first + i));
    const arrays = [updates, { data: Int32Array.from(places), offset: undefined }];
    await kernels.run(({ at }) => arrays[at]!, [output], { breathe: () => undefined, ran: undefined });
    return [...(output.data as Float32Array)].map((value) => -value);
  };
  expect(await run([4, 1, -1], 1)).toEqual([0, 0, 0, 0, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 10, 12, 14, 16]);
  await expect(run([0, 5, 1], 1)).rejects.toThrow("index 5 is outside of an axis of 5");
  await expect(run([0, -6, 1], 1)).rejects.toThrow("index -6");
  expect(await run([0, 0, 0], 0)).toEqual([12, 15, 18, 21, ...Array<number>(16).fill(0)]);
  kernels.close();
});

test("a run that fails at one array leaves no rows in another", async () => {
  const memory = LinearMemory.create(() => 0n)!;
  const scattered = (at: number) => ({ from: "scattered", at }) as const;
  const kernels = new Kernels(
    {
      modelInputs: [],
      modelOutputs: [],
      arrays: [],
      scattered: [{ rows: 2, width: 4, updates: input(0), places: input(1) }, { rows: 2, width: 4, updates: input(0), places: input(2) }],
      calls: [{ kernel: { arrays: 2, scalars: 0, constants: [], steps: [{ instruction: "add", operands: [0, 1] }], outputs: [2] }, size: 8, arrays: [scattered(0), scattered(1)], scalars: [], outputs: [0], scope: "" }],
    },
    memory,
  );
  const updates = { data: Float32Array.of(1, 2, 3, 4), offset: undefined };
  const output = { data: new Float32Array(8), offset: undefined };
  const run = async (first: number, second: number): Promise<number[]> => {
    const arrays: KernelArray[] = [updates, ...[first, second].map((place) => ({ data: Int32Array.of(place), offset: undefined }))];
    await kernels.run(({ at }) => arrays[at]!, [output], { breathe: () => undefined, ran: undefined });
    return [...output.data];
  };
  await expect(run(0, 2)).rejects.toThrow("index 2");
  expect(await run(1, 1)).toEqual([0, 0, 0, 0, 2, 4, 6, 8]);
  kernels.close();
});
