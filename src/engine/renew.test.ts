import { expect, test } from "vitest";
import "../ops/index.js";
import { graphOf, placeholder } from "../graph/graph.js";
import { add, div, mul, sub } from "../ops/elementwise/binary.js";
import { sqrt } from "../ops/elementwise/unary.js";
import { sum } from "../ops/reduce/reduce.js";
import { reshape } from "../ops/shape/reshape.js";
import { keyOf, normals } from "../random/host.js";
import type { TypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import { EngineCompiler } from "./compile.js";
import type { Engine } from "./engine.js";
import { createNodeEngine } from "./node.js";

const SIZE = 1001;
const renews = [{ feed: 0, output: 0 }, { feed: 1, output: 1 }];
const options = { renews, guard: 2 };

/** An update as optimizers do it: w and v from the feeds, a gradient that needs a pass of its own, a sum to guard by. */
async function compiled(engine: Engine) {
  const [w, v, x] = [placeholder([SIZE], "float32", "w"), placeholder([SIZE], "float32", "v"), placeholder([SIZE], "float32", "x")];
  const grad = mul(sum(x), x);
  const nextV = add(mul(v, 0.9), mul(mul(grad, grad), 0.1));
  const nextW = sub(w, div(mul(grad, 0.01), add(sqrt(nextV), 1e-3)));
  const graph = graphOf([w, v, x], [nextW, nextV, reshape(sum(x), [1])]);
  return new EngineCompiler(async () => engine).compile(graph);
}

async function withEngine(work: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = await createNodeEngine();
  try {
    expect(engine.kernels).toBe(true);
    await work(engine);
  } finally {
    await engine.dispose();
  }
}

const numbers = (seed: number): Float32Array => normals(keyOf(seed), SIZE).map(Math.abs);
const upload = (engine: Engine, data: Float32Array): DeviceTensor => engine.upload(data, "float32", [SIZE]);
const valuesOf = async (tensors: readonly DeviceTensor[]): Promise<number[][]> => Promise.all(tensors.map(async (tensor) => [...((await tensor.read()) as Float32Array)]));

test("outputs over feeds are what they are elsewhere, step after step", () =>
  withEngine(async (engine) => {
    const program = await compiled(engine);
    const states: number[][][] = [];
    for (const given of [{}, options]) {
      let held = [upload(engine, numbers(1)), upload(engine, numbers(2))];
      for (let step = 0; step < 3; step++) {
        const [w, v, loss] = await program.run([...held, numbers(3 + step)], given);
        for (const old of [...held, loss!]) engine.release(old);
        held = [w!, v!];
      }
      states.push(await valuesOf(held));
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[0]![0]).not.toEqual([...numbers(1)]);
  }));

test("the old handle shows the new value until it is released, and the new one lives on", () =>
  withEngine(async (engine) => {
    const program = await compiled(engine);
    const held = [upload(engine, numbers(1)), upload(engine, numbers(2))];
    const outputs = await program.run([...held, numbers(3)], options);
    expect(await valuesOf(held)).toEqual(await valuesOf(outputs.slice(0, 2)));
    const before = await valuesOf(outputs.slice(0, 2));
    held.forEach((old) => engine.release(old));
    // As large, so that it would take the memory if that were free.
    upload(engine, numbers(4));
    expect(await valuesOf(outputs.slice(0, 2))).toEqual(before);
  }));

test("a guard that is not finite leaves the feeds as they are", () =>
  withEngine(async (engine) => {
    const program = await compiled(engine);
    const held = [upload(engine, numbers(1)), upload(engine, numbers(2))];
    for (const bad of [Number.NaN, Infinity]) {
      const x = numbers(3);
      x[7] = bad;
      const outputs = await program.run([...held, x], options);
      outputs.forEach((output) => engine.release(output));
      expect(await valuesOf(held)).toEqual([[...numbers(1)], [...numbers(2)]]);
    }
    const [w] = await program.run([...held, numbers(3)], options);
    expect(await valuesOf([w!])).not.toEqual([[...numbers(1)]]);
  }));

test("a run that waits for the old value gets it", () =>
  withEngine(async (engine) => {
    const program = await compiled(engine);
    const expected = await valuesOf(await program.run([numbers(1), numbers(2), numbers(3)]));
    const held = [upload(engine, numbers(1)), upload(engine, numbers(2))];
    const [first, second] = await Promise.all([program.run([...held, numbers(3)], options), program.run([...held, numbers(3)], options)]);
    expect(await valuesOf(first)).toEqual(expected);
    expect(await valuesOf(second)).toEqual(expected);
  }));

test("a feed that is given up while the step runs leaves its memory to the output", () =>
  withEngine(async (engine) => {
    const program = await compiled(engine);
    const expected = await valuesOf(await program.run([numbers(1), numbers(2), numbers(3)]));
    const held = [upload(engine, numbers(1)), upload(engine, numbers(2))];
    const running = program.run([...held, numbers(3)], options);
    held.forEach((old) => engine.release(old));
    const outputs = await running;
    upload(engine, numbers(4));
    expect(await valuesOf(outputs)).toEqual(expected);
  }));

test("what goes with the feeds is told in the moment when they change, and only then", () =>
  withEngine(async (engine) => {
    const program = await compiled(engine);
    const held = [upload(engine, numbers(1)), upload(engine, numbers(2))];
    const told: { readonly outputs: readonly DeviceTensor[]; readonly guard: number; readonly seen: Promise<number[][]> }[] = [];
    const renewed = (outputs: readonly DeviceTensor[], guard: TypedArray): void => void told.push({ outputs, guard: Number(guard[0]), seen: valuesOf(held) });
    const outputs = await program.run([...held, numbers(3)], { ...options, renewed });
    expect(told).toHaveLength(1);
    expect(told[0]!.outputs).toEqual(outputs);
    expect(told[0]!.guard).toBe((await outputs[2]!.read())[0]);
    expect(await told[0]!.seen).toEqual(await valuesOf(outputs.slice(0, 2)));
    await program.run([...held, numbers(3).fill(Number.NaN)], { ...options, renewed });
    expect(told).toHaveLength(1);
  }));
