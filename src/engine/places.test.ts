import { expect, test } from "vitest";
import type { Kernel } from "../lower/tail/kernel.js";
import type { KernelCall, Operand, Tail } from "../lower/tail/tail.js";
import type { PortSpec, Program } from "./engine.js";
import { placesOf } from "./places.js";

const kernel = {} as Kernel;
const ports = (...shapes: number[][]): PortSpec[] => shapes.map((shape, i) => ({ name: `p${i}`, dtype: "float32", shape }));
const input = (at: number): Operand => ({ from: "input", at });
const model = (at: number): Operand => ({ from: "model", at });

function call(arrays: readonly Operand[], outputs: readonly number[], scalars: readonly Operand[] = []): KernelCall {
  return { kernel, size: 6, arrays, scalars, outputs, scope: "" };
}

function program(calls: readonly KernelCall[], arrays: Tail["arrays"], spent?: readonly number[]): Program {
  const [inputs, outputs] = [ports([2, 3], [2, 3], [6]), ports([2, 3], [2, 3], [2, 3])];
  const tail = { modelInputs: [], modelOutputs: [], arrays, scattered: [], calls, model: { inputs: [], outputs: [] } };
  return { model: new Uint8Array(), inputs, outputs, tail, ...(spent === undefined ? {} : { spent }) };
}

const between = { dtype: "float32" as const, shape: [2, 3], output: null };
const overs = (...args: Parameters<typeof program>): unknown[] => placesOf(program(...args)).map(({ over }) => over);

test("what kernels give lies where the gradients lay that only they read", () => {
  expect(overs([call([input(0), model(0), input(1)], [0, 1, 2])], [between])).toEqual([model(0), undefined, undefined]);
  expect(overs([call([input(0), model(0), input(1)], [0, 1, 2])], [between], [1])).toEqual([model(0), input(1), undefined]);
});

test("not where an output lies, another kernel reads, the shape is another, or the input is needed after", () => {
  const nowhere = [undefined, undefined, undefined];
  expect(overs([call([model(0)], [1])], [{ dtype: "float32" as const, shape: [2, 3], output: 0 }])).toEqual(nowhere);
  expect(overs([call([model(0)], [0]), call([input(0)], [1], [model(0)])], [between])).toEqual(nowhere);
  expect(overs([call([model(0), input(2)], [0])], [{ dtype: "float32" as const, shape: [6], output: null }], [2])).toEqual(nowhere);
  expect(overs([call([input(0), input(1)], [0])], [], [])).toEqual(nowhere);
});

test("an output may be written over an input of its shape that no other kernel reads", () => {
  const renewable = (calls: readonly KernelCall[]): unknown[] => placesOf(program(calls, [between])).map((place) => place.renewable);
  expect(renewable([call([input(0), input(1), input(2)], [0, 2])])).toEqual([[0, 1], [], [0, 1]]);
  expect(renewable([call([input(0), model(0)], [0]), call([input(1)], [1], [input(0)])])).toEqual([[], [1], []]);
});

test("what the model gives stays where it is", () => {
  expect(placesOf(program([call([model(1)], [1])], [{ dtype: "float32" as const, shape: [2, 3], output: 0 }, between])).map(({ made }) => made)).toEqual([0, undefined, undefined]);
});

test("a program without kernels has no places", () => {
  const { tail: _, ...plain } = program([], []);
  expect(placesOf(plain)).toEqual(Array(3).fill({ made: undefined, over: undefined, renewable: [] }));
});
