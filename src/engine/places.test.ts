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
  const tail = { modelInputs: [], modelOutputs: [], arrays, calls, model: { inputs: [], outputs: [] } };
  return { model: new Uint8Array(), inputs, outputs, tail, ...(spent === undefined ? {} : { spent }) };
}

const between = { shape: [2, 3], output: null };

test("what kernels give lies where the gradients lay that only they read", () => {
  expect(placesOf(program([call([input(0), model(0), input(1)], [0, 1, 2])], [between]))).toEqual([model(0), undefined, undefined]);
  expect(placesOf(program([call([input(0), model(0), input(1)], [0, 1, 2])], [between], [1]))).toEqual([model(0), input(1), undefined]);
});

test("not where an output lies, another kernel reads, the shape is another, or the input is needed after", () => {
  expect(placesOf(program([call([model(0)], [1])], [{ shape: [2, 3], output: 0 }]))).toEqual([undefined, undefined, undefined]);
  expect(placesOf(program([call([model(0)], [0]), call([input(0)], [1], [model(0)])], [between]))).toEqual([undefined, undefined, undefined]);
  expect(placesOf(program([call([model(0), input(2)], [0])], [{ shape: [6], output: null }], [2]))).toEqual([undefined, undefined, undefined]);
  expect(placesOf(program([call([input(0), input(1)], [0])], [], []))).toEqual([undefined, undefined, undefined]);
});

test("a program without kernels has no places", () => {
  const { tail: _, ...plain } = program([], []);
  expect(placesOf(plain)).toEqual([undefined, undefined, undefined]);
});
