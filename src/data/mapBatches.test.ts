import { describe, expect, it } from "vitest";
import { fromArrays, fromRows } from "./index.js";
import type { Batch } from "./column.js";
import type { Dataset } from "./dataset.js";

const ROWS = 10;

const counted = (): Dataset =>
  fromArrays({ inputs: { data: Float32Array.from({ length: ROWS }, (_, i) => i), shape: [ROWS, 1] }, labels: new Float32Array(ROWS) });

/** Each value minus the mean of the rows that come with it, and their number as the label. */
const centered = (batch: Batch): Batch => {
  const { input, label } = batch as { input: Batch[string]; label: Batch[string] };
  const values = Array.from(input.data, Number);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return {
    input: { ...input, data: Float32Array.from(values, (value) => value - mean) },
    label: { ...label, data: new Float32Array(values.length).fill(values.length) },
  };
};

async function batchesOf(set: Dataset, options: Parameters<Dataset["batches"]>[0]): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of set.batches(options)) all.push(batch);
  return all;
}

describe("mapBatches", () => {
  it("sees whole batches, after shuffling, the last one short", async () => {
    const batches = await batchesOf(counted().mapBatches(centered), { batchSize: 4, shuffle: true, seed: 1 });
    expect(batches.map((batch) => batch["label"]!.data[0])).toEqual([4, 4, 2]);
    for (const batch of batches) expect(Array.from(batch["input"]!.data, Number).reduce((a, b) => a + b, 0)).toBeCloseTo(0, 5);
  });

  it("is told the rows' numbers and the epoch, and lasts through later steps", async () => {
    const seen: number[][] = [];
    const set = counted().mapBatches((batch, { indices, epoch }) => {
      seen.push([epoch, ...indices]);
      return batch;
    });
    const { train } = await set.split({ test: 0.5, seed: 1 });
    const [batch] = await batchesOf(train.take(3), { batchSize: 3, epoch: 7 });
    expect(seen.at(-1)).toEqual([7, ...Array.from(batch!["input"]!.data, Number)]);
  });

  it("takes rows together as a stream reads them", async () => {
    const stream = fromRows(
      async function* () {
        for (let i = 0; i < ROWS; i++) yield { input: [i], label: 0 };
      },
      { columns: { input: { dtype: "float32", shape: [1] }, label: { dtype: "float32", shape: [] } }, inputs: ["input"], labels: ["label"] },
    );
    const batches = await batchesOf(stream.mapBatches((batch) => batch), { batchSize: 4 });
    expect(batches.flatMap((batch) => Array.from(batch["input"]!.data, Number))).toEqual(Array.from({ length: ROWS }, (_, i) => i));
  });

  it("declares new columns, and refuses rows that do not fit", async () => {
    const columns = { input: { dtype: "float32", shape: [1] }, label: { dtype: "float32", shape: [2] } } as const;
    const wide = (batch: Batch): Batch => ({ ...batch, label: { dtype: "float32", shape: [4, 2], data: new Float32Array(8) } });
    expect((await batchesOf(counted().take(4).mapBatches(wide, { columns }), { batchSize: 4 }))[0]!["label"]!.shape).toEqual([4, 2]);
    await expect(batchesOf(counted().mapBatches(wide), {})).rejects.toMatchObject({ code: "BAD_DATA", received: "float32 [4, 2] of 8 elements" });
    await expect(batchesOf(counted().mapBatches(({ input }) => ({ input: input! })), {})).rejects.toMatchObject({ code: "BAD_DATA", received: "no value" });
  });
});
