import { describe, expect, test } from "vitest";
import { fromArrays } from "./arrays.js";
import { csv } from "./csv/csv.js";
import { placeOf } from "./column.js";
import type { Dataset } from "./dataset.js";
import { fromRows } from "./rows.js";

const values = Array.from({ length: 150 }, (_, i) => i);

/** Each row as messages call it, with the value that tells which row it is. */
async function placesOf(data: Dataset, options: { readonly shuffle?: boolean; readonly epoch?: number } = {}): Promise<[string, number][]> {
  const places: [string, number][] = [];
  for await (const batch of data.batches({ batchSize: 7, ...options })) {
    const [name] = data.inputs;
    for (const [i, value] of batch[name!]!.data.entries()) places.push([placeOf(batch, i), Number(value)]);
  }
  return places;
}

const columns = { x: { dtype: "float32", shape: [] } } as const;
const sources: [string, Dataset][] = [
  ["arrays", fromArrays({ inputs: { x: Float32Array.from(values) } })],
  ["a stream", fromRows(() => values.map((x) => ({ x })), { columns, inputs: ["x"] })],
];

describe.each(sources)("rows of %s are called by their own numbers", (_, data) => {
  const ways: [string, (rows: Dataset) => Dataset | Promise<Dataset>][] = [
    ["as they are", (rows) => rows],
    ["shuffled", (rows) => rows.shuffle({ seed: 3, buffer: 16 })],
    ["filtered, skipped and taken", (rows) => rows.filter(({ x }) => Number(x) % 3 === 0).skip(2).take(40)],
    ["mapped", (rows) => rows.map((row) => ({ ...row }))],
    ["cached after a shuffle", (rows) => rows.shuffle().cache()],
    ["split", async (rows) => (await rows.split({ test: 0.3 })).test],
    ["prefetched in full batches", (rows) => rows.batch(7, { dropRemainder: true }).prefetch(2)],
  ];
  test.each(ways)("%s", async (_way, change) => {
    const changed = await change(data);
    const places = [...(await placesOf(changed)), ...(await placesOf(changed, { shuffle: true, epoch: 2 }))];
    expect(places.length).toBeGreaterThan(60);
    for (const [place, value] of places) expect(place).toBe(`row ${value} (from 0)`);
  });
});

test("rows of a CSV file are called by their lines, whatever was left out", async () => {
  const lines = ["x,y", "2,0", ",0", "", "5,1", '6,"1"', "7,0"];
  const data = await csv({ text: lines.join("\n") }, { label: "y", missing: "drop" });
  for (const [place, value] of await placesOf(data, { shuffle: true })) expect(place).toBe(`CSV text, line ${value}`);
  expect(await placesOf(data)).toHaveLength(4);
});

test("a row that does not fit is named by a generator and by map", async () => {
  const bad = fromRows(() => values.map((x) => (x === 70 ? {} : { x }) as { x: number }), { columns, inputs: ["x"] });
  await expect(bad.cache()).rejects.toMatchObject({ where: 'fromRows, row 70 (from 0), column "x"', received: "no value" });
  const mapped = sources[0]![1].map((row) => ({ x: row["x"] === 90 ? [1, 2] : row["x"]! }));
  await expect(placesOf(mapped, { shuffle: true })).rejects.toMatchObject({ where: 'dataset.map, row 90 (from 0), column "x"' });
});
