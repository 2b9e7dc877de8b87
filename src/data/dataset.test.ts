import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { fromArrays } from "./arrays.js";
import { type Batch, type BatchMemory, toTensors } from "./column.js";
import type { Dataset } from "./dataset.js";
import { fromRows } from "./rows.js";

const COLUMNS = { x: { dtype: "float32", shape: [2] }, y: { dtype: "int32", shape: [] } } as const;

/** Row i is x = [i, 10 i], y = i, in memory or streamed. */
const SOURCES: Record<string, (rows: number) => Dataset> = {
  memory: (rows) =>
    fromArrays({
      inputs: { x: Array.from({ length: rows }, (_, i) => [i, 10 * i]) },
      labels: { y: Array.from({ length: rows }, (_, i) => i) },
    }),
  stream: (rows) =>
    fromRows(
      function* () {
        for (let i = 0; i < rows; i++) yield { x: [i, 10 * i], y: i };
      },
      { columns: COLUMNS, inputs: ["x"], labels: ["y"] },
    ),
};

async function collect(batches: AsyncIterable<Batch>): Promise<number[][]> {
  const out: number[][] = [];
  for await (const batch of batches) {
    const y = [...batch["y"]!.data].map(Number);
    expect(batch["y"]!.shape).toEqual([y.length]);
    expect(batch["x"]!.shape).toEqual([y.length, 2]);
    expect([...batch["x"]!.data]).toEqual(y.flatMap((i) => [i, 10 * i]));
    out.push(y);
  }
  return out;
}

const order = async (data: Dataset, epoch = 0) => (await collect(data.batches({ batchSize: 7, epoch }))).flat();
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

describe.each(Object.entries(SOURCES))("a dataset from %s", (kind, make) => {
  test("batches hold each row once, in order, the last one short unless dropped", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 90 }), async (rows, size) => {
        const batches = await collect(make(rows).batches({ batchSize: size }));
        expect(batches.flat()).toEqual(upTo(rows));
        expect(batches.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
        const full = await collect(make(rows).batch(size, { dropRemainder: true }).batches());
        expect(full.flat()).toEqual(upTo(rows - (rows % size)));
        expect(full.every((batch) => batch.length === size)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("a shuffle is a permutation that depends on seed and epoch alone", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 300 }), fc.integer(), fc.integer({ min: 2, max: 64 }), async (rows, seed, buffer) => {
        const data = make(rows).shuffle({ seed, buffer });
        const first = await order(data, 3);
        expect(sorted(first)).toEqual(upTo(rows));
        expect(await order(data, 3)).toEqual(first);
        expect(await order(make(rows).shuffle({ seed, buffer }), 3)).toEqual(first);
        // With a buffer of at least 4 and 20 rows or more, equal orders by chance are rarer than 1e-6.
        if (kind === "stream" && buffer < 16) return;
        expect(await order(data, 4)).not.toEqual(first);
        expect(await order(make(rows).shuffle({ seed: seed ^ 1, buffer }), 3)).not.toEqual(first);
      }),
      { numRuns: 40 },
    );
  });

  test("batches can shuffle by themselves", async () => {
    const pass = (epoch: number) => collect(make(50).batches({ batchSize: 8, shuffle: true, seed: 5, epoch }));
    expect(sorted((await pass(0)).flat())).toEqual(upTo(50));
    expect(await pass(0)).toEqual(await pass(0));
    expect(await pass(0)).not.toEqual(await pass(1));
  });

  test("take, skip, filter and map do what they say", async () => {
    const data = make(150);
    expect(await order(data.take(70))).toEqual(upTo(70));
    expect(await order(data.take(0))).toEqual([]);
    expect(await order(data.take(500))).toEqual(upTo(150));
    expect(await order(data.skip(70))).toEqual(upTo(150).slice(70));
    expect(await order(data.skip(500))).toEqual([]);
    expect(await order(data.filter(({ y }) => Number(y) % 3 === 0))).toEqual(upTo(150).filter((i) => i % 3 === 0));
    const moved = data.map(({ y }) => ({ x: [Number(y) + 1, 10 * Number(y) + 10], y: Number(y) + 1 }));
    expect(await order(moved.filter(({ y }) => Number(y) > 140).skip(2))).toEqual([143, 144, 145, 146, 147, 148, 149, 150]);
  });

  test("rows, head and column give values", async () => {
    const data = make(100);
    const rows = [];
    for await (const row of data.rows()) rows.push(row);
    expect(rows).toHaveLength(100);
    expect(rows[99]).toEqual({ x: Float32Array.of(99, 990), y: 99 });
    expect(await data.head(2)).toEqual(rows.slice(0, 2));
    expect(await data.column("y")).toEqual({ dtype: "int32", shape: [100], data: Int32Array.from(upTo(100)) });
    await expect(data.column("z")).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
  });

  test("map can declare new columns, wait, and sees index and epoch", async () => {
    const data = make(5).map(
      async ({ y }, { index, epoch }) => {
        await Promise.resolve();
        return { z: [Number(y), index, epoch], y: y === 3 };
      },
      { columns: { z: { dtype: "int32", shape: [3] }, y: { dtype: "bool", shape: [] } }, inputs: ["z"] },
    );
    expect([data.inputs, data.labels]).toEqual([["z"], ["y"]]);
    for await (const batch of data.shuffle({ seed: 1 }).batches({ epoch: 2 })) {
      const z = batch["z"]!.data;
      for (let i = 0; i < 5; i++) expect([z[3 * i + 1], z[3 * i + 2]]).toEqual([z[3 * i], 2]);
      expect([...batch["y"]!.data].filter(Boolean)).toHaveLength(1);
    }
  });

  test("map refuses rows that do not fit, naming the column", async () => {
    const bad = [{ x: [1, 2] }, { x: [1], y: 0 }, { x: 1, y: 0 }, { x: [1, 2], y: 0.5 }, { x: [1, 2], y: 2 ** 31 }];
    for (const row of bad) {
      const reading = make(3).map(() => row as { x: number[]; y: number }).head();
      await expect(reading).rejects.toMatchObject({ code: "BAD_DATA", where: expect.stringContaining("column") });
    }
  });

  test("prefetching changes no batch and passes errors on", async () => {
    expect(await collect(make(100).prefetch(3).batches({ batchSize: 9 }))).toEqual(await collect(make(100).batches({ batchSize: 9 })));
    const failing = make(100).map((row) => {
      if (row["y"] === 60) throw new Error("broken row");
      return row;
    });
    await expect(collect(failing.prefetch(2).batches({ batchSize: 8 }))).rejects.toThrow("broken row");
    for await (const batch of make(100).prefetch(4).batches({ batchSize: 5 })) {
      expect(batch["y"]!.data[0]).toBe(0);
      break;
    }
  });

  test("a mapped row can be changed in place without touching the data", async () => {
    const data = make(3);
    await data.map((row) => ({ ...row, x: (row["x"] as Float32Array).fill(-1) })).head();
    expect((await data.head(1))[0]!["x"]).toEqual(Float32Array.of(0, 0));
  });

  test("refuses arguments out of range", () => {
    const data = make(3);
    for (const call of [
      () => data.take(-1),
      () => data.skip(1.5),
      () => data.batch(0),
      () => data.prefetch(-1),
      () => data.shuffle({ buffer: 1 }),
      () => data.shuffle({ seed: 0.5 }),
      () => data.batches({ batchSize: 0 }),
      () => data.batches({ epoch: -1 }),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }) as Error);
    }
    expect(() => data.batches({ size: 3 } as object)).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }) as Error);
  });
});

test("lengths are known where they can be", () => {
  const data = SOURCES["memory"]!(10);
  expect([data.length, data.take(3).length, data.skip(4).length, data.skip(40).length]).toEqual([10, 3, 6, 0]);
  expect(data.filter(() => true).length).toBeUndefined();
  expect(SOURCES["stream"]!(10).length).toBeUndefined();
});

test("a stream's shuffle lets rows travel beyond the buffer", async () => {
  const positions = await order(SOURCES["stream"]!(400).shuffle({ seed: 1, buffer: 20 }));
  const delays = positions.map((row, at) => at - row);
  expect(Math.max(...delays)).toBeGreaterThan(20);
});

test("a taken stream is closed without asking for one row more than a chunk", async () => {
  let read = 0;
  let closed = false;
  const endless = fromRows(
    function* () {
      try {
        for (;;) yield { x: [0, 0], y: read++ };
      } finally {
        closed = true;
      }
    },
    { columns: COLUMNS, inputs: ["x"] },
  );
  expect(await endless.take(10).head(100)).toHaveLength(10);
  expect(read).toBeLessThanOrEqual(65);
  expect(closed).toBe(true);
});

test("refuses a declaration of columns that are not there", () => {
  expect(() => fromRows(() => [], { columns: COLUMNS, inputs: ["a"] })).toThrow('did you mean "x"?');
});

test("a batch becomes tensors over the same memory", async () => {
  for await (const batch of SOURCES["memory"]!(3).batches()) {
    const { x } = toTensors(batch);
    expect(x!.shape).toEqual([3, 2]);
    expect(x!.value).toBe(batch["x"]!.data);
  }
});

test("prints itself", () => {
  expect(String(SOURCES["memory"]!(3))).toBe("Dataset: 3 rows, x float32 [2] -> y int32 []");
});

test("batches are counted where the rows are", () => {
  const five = fromArrays({ inputs: [[1], [2], [3], [4], [5]] });
  const some = [five.batch(2), five.batch(2, { dropRemainder: true }), five.batch(7, { dropRemainder: true }), five.filter(() => true)];
  expect(some.map((rows) => rows.batchCount())).toEqual([3, 2, 0, undefined]);
  expect(five.batchCount(4)).toBe(2);
});

describe("batches in memory that is used again", () => {
  const data = fromArrays({ inputs: { x: Float32Array.from({ length: 30 }, (_, i) => i) }, labels: { y: Int32Array.from({ length: 30 }, (_, i) => -i) } });
  const read = async (dataset: typeof data, memory?: BatchMemory) => {
    const seen: number[][] = [];
    const buffers = new Set<unknown>();
    for await (const { x, y } of dataset.batches({ batchSize: 8, shuffle: true, seed: 3, ...(memory && { memory }) })) {
      seen.push([...(x!.data as Float32Array), ...(y!.data as Int32Array)]);
      buffers.add(x!.data.buffer);
    }
    return { seen, buffers: buffers.size };
  };

  it("holds what batches in memory of their own hold, the shorter last one too", async () => {
    const memory: BatchMemory = new Map();
    const own = await read(data);
    expect(await read(data, memory)).toEqual({ seen: own.seen, buffers: 1 });
    expect(await read(data.take(12), memory)).toEqual({ seen: (await read(data.take(12))).seen, buffers: 1 });
    expect(own.buffers).toBe(4);
  });

  it("leaves batches that others may hold alone", async () => {
    const kept: Batch[] = [];
    const mapped = data.mapBatches((batch) => {
      kept.push(batch);
      return batch;
    });
    expect((await read(mapped, new Map())).buffers).toBe(4);
    expect(new Set(kept.map(({ x }) => x!.data.buffer)).size).toBe(4);
    expect((await read(data.prefetch(2), new Map())).buffers).toBe(4);
  });
});
