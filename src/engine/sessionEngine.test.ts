import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { type TypedArray, allocate } from "../tensor/dtype.js";
import type { Backend } from "./backend.js";
import type { Program } from "./engine.js";
import { SessionEngine } from "./sessionEngine.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

interface Block {
  readonly data: TypedArray;
}

/** A backend that copies its inputs to its outputs and counts blocks. */
class CopyingBackend implements Backend<Block, Program> {
  readonly name = "wasm";
  readonly live = new Set<Block>();
  fails = false;

  sessions = 0;

  async open(program: Program): Promise<Program> {
    this.sessions++;
    return program;
  }
  async close(): Promise<void> {
    this.sessions--;
  }
  async run(program: Program, inputs: readonly Block[]): Promise<Block[]> {
    if (this.fails) throw new Error("refused");
    return program.outputs.map(({ dtype, shape }, i) => {
      const block = this.allocate(dtype, shape);
      (block.data as Uint8Array).set(inputs[i]!.data as Uint8Array);
      return block;
    });
  }
  allocate(...[dtype, shape]: Parameters<Backend<Block, Program>["allocate"]>): Block {
    const block = { data: allocate(dtype, shape.reduce((product, dim) => product * dim, 1)) };
    this.live.add(block);
    return block;
  }
  write(block: Block, data: TypedArray): void {
    (block.data as Uint8Array).set(data as Uint8Array);
  }
  async read(block: Block): Promise<TypedArray> {
    return block.data.slice();
  }
  recycle(block: Block): void {
    // Twice would put one block into two tensors.
    expect(this.live.delete(block)).toBe(true);
  }
  async dispose(): Promise<void> {}
}

const port = { name: "x", dtype: "float32", shape: [4] } as const;
const copy: Program = { model: new Uint8Array(0), inputs: [port], outputs: [port] };

describe("blocks of a session engine", () => {
  it("are recycled when values are released or donated, and staged data after its run", async () => {
    const backend = new CopyingBackend();
    const engine = new SessionEngine(backend);
    const executable = await engine.load(copy);
    let [state] = await executable.run([new Float32Array(4)]);
    expect(backend.live.size).toBe(1);
    for (let step = 0; step < 5; step++) [state] = await executable.run([state!], { donate: [0] });
    expect(backend.live.size).toBe(1);
    engine.release(state!);
    expect(backend.live.size).toBe(0);
  });

  it("are recycled when values become unreachable", async () => {
    const backend = new CopyingBackend();
    const engine = new SessionEngine(backend);
    const executable = await engine.load(copy);
    const kept = engine.upload(new Float32Array(4), "float32", [4]);
    for (let step = 0; step < 10; step++) await executable.run([kept]);
    // The collector may need more than one turn to call finalizers.
    for (let attempt = 0; attempt < 50 && backend.live.size > 1; attempt++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(backend.live.size).toBe(1);
    expect(await kept.read()).toEqual(new Float32Array(4));
  });

  it("stay with their values when a run fails", async () => {
    const backend = new CopyingBackend();
    const engine = new SessionEngine(backend);
    const executable = await engine.load(copy);
    const state = engine.upload(Float32Array.of(1, 2, 3, 4), "float32", [4]);
    backend.fails = true;
    await expect(executable.run([state], { donate: [0] })).rejects.toThrow("refused");
    await expect(executable.run([new Float32Array(4)])).rejects.toThrow("refused");
    backend.fails = false;
    expect(backend.live.size).toBe(1);
    const [next] = await executable.run([state], { donate: [0] });
    expect(await next!.read()).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(backend.live.size).toBe(1);
  });

  it("are recycled when a value is released while a run that fails still reads it", async () => {
    const backend = new CopyingBackend();
    const engine = new SessionEngine(backend);
    const executable = await engine.load(copy);
    const state = engine.upload(new Float32Array(4), "float32", [4]);
    backend.fails = true;
    const run = executable.run([state]);
    engine.release(state);
    await expect(run).rejects.toThrow("refused");
    expect(backend.live.size).toBe(0);
  });
});

it("closes the sessions of a program that was disposed while runs waited, after them", async () => {
  const backend = new CopyingBackend();
  const engine = new SessionEngine(backend);
  const executable = await engine.load({ ...copy, frozen: "weights" });
  const runs = [executable.run([new Float32Array(4)]), executable.run([new Float32Array(4)])];
  executable.dispose();
  executable.dispose();
  await Promise.all(runs);
  await new Promise(setImmediate);
  expect(backend.sessions).toBe(0);
});
