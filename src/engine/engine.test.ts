import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NacreError } from "../error.js";
import { type AttributeProto, type NodeProto, encodeModel } from "../onnx/proto.js";
import { type DType, DTYPES, arrayOf } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import type { Engine, PortSpec, Program } from "./engine.js";
import { createNodeEngine } from "./node.js";

type NodeSpec = readonly [opType: string, inputs: string[], outputs: string[], attributes?: AttributeProto[]];

function port(name: string, dtype: DType, shape: readonly number[]): PortSpec {
  return { name, dtype, shape };
}

function program(inputs: readonly PortSpec[], outputs: readonly PortSpec[], nodes: readonly NodeSpec[]): Program {
  const model = encodeModel({
    irVersion: 10,
    opsetImports: [{ domain: "", version: 21 }],
    producerName: "nacre",
    producerVersion: "",
    metadata: {},
    graph: {
      name: "test",
      nodes: nodes.map(([opType, from, to, attributes = []], i): NodeProto => {
        return { name: `n${i}`, opType, domain: "", inputs: from, outputs: to, attributes };
      }),
      initializers: [{ name: "one", dtype: "float32", shape: [], data: new Uint8Array(arrayOf("float32", [1]).buffer) }],
      inputs,
      outputs,
    },
  });
  return { model, inputs, outputs };
}

/** y = x + 1 for float32 of `shape`. */
function increment(shape: readonly number[]): Program {
  return program([port("x", "float32", shape)], [port("y", "float32", shape)], [["Add", ["x", "one"], ["y"]]]);
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof NacreError) return error.code;
    throw error;
  }
  return "none";
}

const floats = (...values: number[]): Float32Array => Float32Array.from(values);

describe.each(["native", "binding", "wasm"] as const)("%s engine", (kind) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createNodeEngine({ kind, threads: 2 });
  });
  afterAll(async () => {
    await engine.dispose();
  });

  it("is the one that was asked for", () => {
    expect(engine.name).toBe(kind);
  });

  it("runs host data and its own values", async () => {
    const executable = await engine.load(increment([2, 2]));
    const [first] = await executable.run([floats(1, 2, 3, 4)]);
    expect(first!.dtype).toBe("float32");
    expect(first!.shape).toEqual([2, 2]);
    const [second] = await executable.run([first!]);
    expect(await second!.read()).toEqual(floats(3, 4, 5, 6));
    // An input that is not donated stays.
    expect(await first!.read()).toEqual(floats(2, 3, 4, 5));
  });

  it("reads host data at the time of the call", async () => {
    const executable = await engine.load(increment([2]));
    const data = floats(1, 2);
    const run = executable.run([data]);
    data.fill(100);
    expect(await (await run)[0]!.read()).toEqual(floats(2, 3));
  });

  it("gives copies: a value that was read can be changed", async () => {
    const tensor = engine.upload(floats(1, 2), "float32", [2]);
    ((await tensor.read()) as Float32Array).fill(9);
    expect(await tensor.read()).toEqual(floats(1, 2));
  });

  it.each(DTYPES)("passes %s through", async (dtype) => {
    const values = { bool: [0, 1, 1], uint8: [0, 200, 3], uint32: [0, 4e9, 3], int64: [0, -(2 ** 40), 3] } as const;
    const data = arrayOf(dtype, values[dtype as keyof typeof values] ?? [0, -2, 3]);
    const copy = await engine.load(
      program([port("x", dtype, [3])], [port("y", dtype, [3])], [["Identity", ["x"], ["y"]]]),
    );
    const [output] = await copy.run([data]);
    expect(output!.dtype).toBe(dtype);
    expect(await output!.read()).toEqual(data);
    const [again] = await copy.run([engine.upload(data, dtype, [3])]);
    expect(await again!.read()).toEqual(data);
  });

  it("has tensors of no elements and of no axes", async () => {
    const [empty] = await (await engine.load(increment([0, 3]))).run([new Float32Array(0)]);
    expect(empty!.shape).toEqual([0, 3]);
    expect((await empty!.read()).length).toBe(0);
    const [scalar] = await (await engine.load(increment([]))).run([floats(4)]);
    expect(await scalar!.read()).toEqual(floats(5));
    expect((await engine.upload(new Int32Array(0), "int32", [0]).read()).length).toBe(0);
  });

  it("runs programs of no inputs, and of many outputs", async () => {
    const outputs = Array.from({ length: 70 }, (_, i) => port(`y${i}`, "float32", []));
    const many = await engine.load(program([], outputs, outputs.map(({ name }): NodeSpec => ["Neg", ["one"], [name]])));
    const results = await many.run([]);
    expect(results).toHaveLength(70);
    expect(await results[69]!.read()).toEqual(floats(-1));
  });

  describe("donation", () => {
    it("makes the old handle stale at once", async () => {
      const executable = await engine.load(increment([2]));
      const state = engine.upload(floats(1, 2), "float32", [2]);
      const run = executable.run([state], { donate: [0] });
      expect(await codeOf(() => state.read())).toBe("STALE_STATE");
      expect(await codeOf(() => executable.run([state]))).toBe("STALE_STATE");
      expect(await codeOf(() => engine.release(state))).toBe("STALE_STATE");
      expect(await (await run)[0]!.read()).toEqual(floats(2, 3));
      expect(await codeOf(() => state.read())).toBe("STALE_STATE");
    });

    it("never lets an output lie in the memory of an input: swapped states stay apart", async () => {
      // With an output in an input's memory, the second output would read what the first one wrote.
      const [x, y] = [port("x", "float32", [64]), port("y", "float32", [64])];
      const swap = await engine.load(
        program([x, y], [port("a", "float32", [64]), port("b", "float32", [64])], [
          ["Add", ["y", "one"], ["a"]],
          ["Sub", ["x", "one"], ["b"]],
        ]),
      );
      let state = [engine.upload(new Float32Array(64).fill(10), "float32", [64]), engine.upload(new Float32Array(64), "float32", [64])];
      for (let step = 0; step < 100; step++) state = await swap.run(state, { donate: [0, 1] });
      expect((await state[0]!.read())[63]).toBe(10);
      expect((await state[1]!.read())[63]).toBe(0);
    });

    it("counts right over 1000 steps", async () => {
      const executable = await engine.load(increment([257]));
      let counter = engine.upload(new Float32Array(257), "float32", [257]);
      for (let step = 0; step < 1000; step++) [counter] = (await executable.run([counter], { donate: [0] })) as [DeviceTensor];
      expect(await counter.read()).toEqual(new Float32Array(257).fill(1000));
    });

    it("takes a value given twice, and one that a queued run still reads", async () => {
      const [x, y] = [port("x", "float32", [2]), port("y", "float32", [2])];
      const add = await engine.load(program([x, y], [port("z", "float32", [2])], [["Add", ["x", "y"], ["z"]]]));
      const value = engine.upload(floats(1, 2), "float32", [2]);
      const reading = add.run([value, value]);
      const taking = add.run([value, value], { donate: [0] });
      const later = Array.from({ length: 5 }, () => add.run([floats(7, 7), floats(7, 7)]));
      expect(await (await reading)[0]!.read()).toEqual(floats(2, 4));
      expect(await (await taking)[0]!.read()).toEqual(floats(2, 4));
      for (const run of later) expect(await (await run)[0]!.read()).toEqual(floats(14, 14));
    });

    it("is undone when the run fails", async () => {
      const gather = await engine.load(
        program([port("x", "float32", [2]), port("i", "int32", [1])], [port("y", "float32", [1])], [["Gather", ["x", "i"], ["y"]]]),
      );
      const state = engine.upload(floats(5, 6), "float32", [2]);
      expect(await codeOf(() => gather.run([state, Int32Array.of(99)], { donate: [0] }))).toBe("ENGINE_FAILED");
      expect(await state.read()).toEqual(floats(5, 6));
      const [picked] = await gather.run([state, Int32Array.of(1)], { donate: [0] });
      expect(await picked!.read()).toEqual(floats(6));
    });
  });

  it("runs many calls at once, in their order", async () => {
    const [small, large] = await Promise.all([engine.load(increment([3])), engine.load(increment([4]))]);
    const runs = Array.from({ length: 10 }, (_, i) =>
      i % 2 === 0 ? small!.run([new Float32Array(3).fill(i)]) : large!.run([new Float32Array(4).fill(i)]),
    );
    const results = await Promise.all(runs);
    for (const [i, [tensor]] of results.entries()) {
      expect(await tensor!.read()).toEqual(new Float32Array(i % 2 === 0 ? 3 : 4).fill(i + 1));
    }
  });

  it("keeps released memory apart from a run that still reads it", async () => {
    const executable = await engine.load(increment([2]));
    const value = engine.upload(floats(1, 2), "float32", [2]);
    const run = executable.run([value]);
    engine.release(value);
    engine.upload(floats(50, 50), "float32", [2]);
    expect(await (await run)[0]!.read()).toEqual(floats(2, 3));
    expect(await codeOf(() => value.read())).toBe("STALE_STATE");
    expect(await codeOf(() => engine.release(value))).toBe("STALE_STATE");
  });

  it("refuses programs that ONNX Runtime refuses, and goes on", async () => {
    const unknown = program([port("x", "float32", [1])], [port("y", "float32", [1])], [["NoSuchOp", ["x"], ["y"]]]);
    const failure = await engine.load(unknown).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NacreError);
    expect((failure as NacreError).code).toBe("ENGINE_FAILED");
    expect((failure as NacreError).received).toContain("NoSuchOp");
    expect(await codeOf(() => engine.load({ ...unknown, model: new Uint8Array(100).fill(255) }))).toBe("ENGINE_FAILED");
    const [after] = await (await engine.load(increment([1]))).run([floats(1)]);
    expect(await after!.read()).toEqual(floats(2));
  });

  it("refuses outputs of another shape or dtype than announced", async () => {
    const { model, inputs } = increment([2]);
    const wrongShape = await engine.load({ model, inputs, outputs: [port("y", "float32", [3])] });
    expect(await codeOf(() => wrongShape.run([floats(1, 2)]))).toBe("ENGINE_FAILED");
    const wrongType = await engine.load({ model, inputs, outputs: [port("y", "int32", [2])] });
    expect(await codeOf(() => wrongType.run([floats(1, 2)]))).toBe("ENGINE_FAILED");
  });

  it("refuses feeds that do not fit", async () => {
    const executable = await engine.load(increment([2, 3]));
    expect(await codeOf(() => executable.run([]))).toBe("BAD_ARGUMENT");
    expect(await codeOf(() => executable.run([new Float32Array(5)]))).toBe("SHAPE_MISMATCH");
    expect(await codeOf(() => executable.run([new Int32Array(6)]))).toBe("DTYPE_MISMATCH");
    const turned = engine.upload(new Float32Array(6), "float32", [3, 2]);
    expect(await codeOf(() => executable.run([turned]))).toBe("SHAPE_MISMATCH");
    expect(await codeOf(() => engine.upload(new Float32Array(6), "float32", [7]))).toBe("SHAPE_MISMATCH");
    const other = await createNodeEngine({ kind });
    const foreign = other.upload(new Float32Array(6), "float32", [2, 3]);
    expect(await codeOf(() => executable.run([foreign]))).toBe("BAD_ARGUMENT");
    await other.dispose();
  });

  it("opens a program again after it was disposed, and shares sessions until then", async () => {
    const [one, two] = [await engine.load(increment([11])), await engine.load(increment([11]))];
    one.dispose();
    one.dispose();
    expect(await codeOf(() => one.run([new Float32Array(11)]))).toBe("STALE_STATE");
    expect((await two.run([new Float32Array(11)]))[0]!.shape).toEqual([11]);
    const running = two.run([new Float32Array(11)]);
    two.dispose();
    expect((await (await running)[0]!.read())[0]).toBe(1);
    const three = await engine.load(increment([11]));
    expect((await (await three.run([new Float32Array(11)]))[0]!.read())[0]).toBe(1);
  });

  it("runs more programs than it keeps sessions", async () => {
    const executables = await Promise.all(Array.from({ length: 70 }, (_, i) => engine.load(increment([i + 100]))));
    for (const [i, executable] of executables.entries()) {
      const [tensor] = await executable.run([new Float32Array(i + 100)]);
      expect((await tensor!.read()).length).toBe(i + 100);
      executable.dispose();
    }
  });

  it("keeps memory flat when results are dropped", async () => {
    const length = 2 ** 18; // 1 MiB a value: 2,000 leaked ones would be 2 GiB
    const executable = await engine.load(increment([length]));
    const data = new Float32Array(length);
    for (let step = 0; step < 200; step++) await executable.run([data]);
    const before = process.memoryUsage.rss();
    for (let step = 0; step < 2000; step++) await executable.run([data]);
    // The collector runs when it likes, so a few hundred values may be about at any time.
    expect(process.memoryUsage.rss() - before).toBeLessThan(500 * 2 ** 20);
  });

  it("is of no use after dispose, nor are its values", async () => {
    const other = await createNodeEngine({ kind });
    const executable = await other.load(increment([1]));
    const value = other.upload(floats(1), "float32", [1]);
    const running = executable.run([value]);
    await other.dispose();
    await other.dispose();
    await running;
    expect(await codeOf(() => value.read())).toBe("STALE_STATE");
    expect(await codeOf(() => executable.run([floats(1)]))).toBe("STALE_STATE");
    expect(await codeOf(() => other.load(increment([1])))).toBe("STALE_STATE");
    expect(await codeOf(() => other.upload(floats(1), "float32", [1]))).toBe("STALE_STATE");
  });
});

describe("Node engine", () => {
  it("is native where nothing else is asked for", async () => {
    const engine = await createNodeEngine();
    expect(engine.name).toBe("native");
    await engine.dispose();
  });

  it("refuses options that make no sense", async () => {
    expect(await codeOf(() => createNodeEngine({ kind: "webgpu" }))).toBe("UNKNOWN_NAME");
    expect(await codeOf(() => createNodeEngine({ threads: 0 }))).toBe("BAD_ARGUMENT");
    expect(await codeOf(() => createNodeEngine({ withoutRules: ["blokced" as "blocked"] }))).toBe("UNKNOWN_NAME");
    expect(await codeOf(() => createNodeEngine({ thread: 2 } as object))).toBe("UNKNOWN_NAME");
  });

  it("runs with other settings beside an engine that already has threads", async () => {
    const [one, two] = [await createNodeEngine({ threads: 2 }), await createNodeEngine({ threads: 1, spinUs: 0 })];
    for (const engine of [one, two]) {
      const [tensor] = await (await engine.load(increment([2]))).run([floats(1, 2)]);
      expect(await tensor!.read()).toEqual(floats(2, 3));
    }
    await one.dispose();
    await two.dispose();
  });
});

describe("native engine alone", () => {
  it("leaves the event loop free during a long run", async () => {
    const engine = await createNodeEngine({ kind: "native", threads: 1 });
    const size = [1200, 1200];
    const chain = Array.from({ length: 8 }, (_, i): NodeSpec => ["MatMul", [i === 0 ? "x" : `h${i}`, "x"], [i === 7 ? "y" : `h${i + 1}`]]);
    const slow = await engine.load(program([port("x", "float32", size)], [port("y", "float32", size)], chain));
    const value = engine.upload(new Float32Array(1200 * 1200), "float32", size);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const begin = performance.now();
    await slow.run([value]);
    const took = performance.now() - begin;
    clearInterval(timer);
    expect(took).toBeGreaterThan(50);
    // A blocked loop would tick not at all; a machine under load ticks less than every 5 ms.
    expect(ticks).toBeGreaterThan(3);
    await engine.dispose();
  });

  it("keeps its library while garbage is collected", async () => {
    const engine = await createNodeEngine({ kind: "native", threads: 1 });
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    for (let round = 0; round < 3; round++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 10));
      // Without the library this would take the process down.
      const [tensor] = await (await engine.load(increment([2]))).run([floats(1, 2)]);
      expect(await tensor!.read()).toEqual(floats(2, 3));
    }
    await engine.dispose();
  });

  it("gives the event loop turns during many short runs", async () => {
    const engine = await createNodeEngine({ kind: "native", threads: 1 });
    const executable = await engine.load(increment([1]));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    for (const end = performance.now() + 200; performance.now() < end; ) await executable.run([floats(1)]);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
    await engine.dispose();
  });
});
