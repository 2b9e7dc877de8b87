import fc from "fast-check";
import { expect, test } from "vitest";
import { fromArrays } from "./arrays.js";
import type { Dataset } from "./dataset.js";
import type { SplitOptions } from "./options.js";
import { fromRows } from "./rows.js";

interface Rows {
  readonly ids: readonly number[];
  readonly values: readonly number[];
  readonly labels: readonly number[];
  readonly groups: readonly number[];
}

/** The id of a row is kept beside the inputs, so that equal inputs can be told apart. */
function dataset({ ids, values, labels, groups }: Rows): Dataset {
  const all = fromArrays({ inputs: { x: values.map((x) => [x, -x]), id: ids as number[], group: groups as number[] }, labels: labels as number[] });
  return all.map((row) => row, { columns: all.columns, inputs: ["x"] });
}

const rowsOf = (values: readonly number[], labels: readonly number[], groups = values.map(() => 0)): Rows => ({
  ids: values.map((_, i) => i),
  values,
  labels,
  groups,
});

async function sides(rows: Rows, options: SplitOptions): Promise<{ train: number[]; test: number[] }> {
  const { train, test: held } = await dataset(rows).split(options);
  const ids = async (data: Dataset) => [...(await data.column("id")).data].map(Number);
  expect([train.length, held.length]).toEqual([(await ids(train)).length, (await ids(held)).length]);
  return { train: await ids(train), test: await ids(held) };
}

const seeds = fc.integer();
const shares = fc.double({ min: 0.05, max: 0.95, noNaN: true });

function countBy(keys: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

test("a split is a partition in order, of the right size, and depends on the seed alone", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 120 }), shares, seeds, async (n, share, seed) => {
      const rows = rowsOf(Array.from({ length: n }, (_, i) => i), Array.from({ length: n }, () => 0));
      const { train, test: held } = await sides(rows, { test: share, seed });
      expect([...train, ...held].sort((a, b) => a - b)).toEqual(rows.ids);
      expect(train).toEqual([...train].sort((a, b) => a - b));
      expect(held).toEqual([...held].sort((a, b) => a - b));
      expect(held).toHaveLength(Math.min(n - 1, Math.max(1, Math.round(n * share))));
      expect(await sides(rows, { test: share, seed })).toEqual({ train, test: held });
    }),
    { numRuns: 100 },
  );
});

test("different seeds split differently", async () => {
  const rows = rowsOf(Array.from({ length: 100 }, (_, i) => i), Array.from({ length: 100 }, () => 0));
  expect(await sides(rows, { test: 0.3, seed: 1 })).not.toEqual(await sides(rows, { test: 0.3, seed: 2 }));
});

test("stratified, every class is within one row of its share and keeps a row to train on", async () => {
  const labels = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 10, maxLength: 150 });
  await fc.assert(
    fc.asyncProperty(labels, shares, seeds, async (classes, share, seed) => {
      const rows = rowsOf(classes.map((_, i) => i), classes);
      const all = countBy(classes);
      fc.pre([...all.values()].some((count) => count > 1));
      const { train, test: held } = await sides(rows, { test: share, stratify: true, seed });
      expect(train.length + held.length).toBe(classes.length);
      const testCounts = countBy(held.map((id) => classes[id]!));
      for (const [label, count] of all) {
        const tested = testCounts.get(label) ?? 0;
        // A draw that would leave the test side empty takes one row although the target is none.
        expect(Math.abs(tested - count * share)).toBeLessThanOrEqual(1 + 1e-9);
        expect(tested).toBeLessThan(count);
      }
    }),
    { numRuns: 150 },
  );
});

test("equal inputs never lie on both sides, whatever their labels, unless asked for", async () => {
  const values = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 10, maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(values, shares, seeds, fc.boolean(), async (inputs, share, seed, stratify) => {
      fc.pre(new Set(inputs).size > 1);
      const rows = rowsOf(inputs, inputs.map((_, i) => i % 3));
      const { train, test: held } = await sides(rows, { test: share, seed, stratify });
      expect(train.length * held.length).toBeGreaterThan(0);
      expect(train.length + held.length).toBe(inputs.length);
      const trained = new Set(train.map((id) => inputs[id]));
      expect(held.filter((id) => trained.has(inputs[id]))).toEqual([]);
    }),
    { numRuns: 100 },
  );
  const rows = rowsOf(Array.from({ length: 40 }, () => 7), Array.from({ length: 40 }, () => 0));
  expect((await sides(rows, { test: 0.5, keepDuplicatesTogether: false })).test).toHaveLength(20);
});

test("duplicates do not spoil the stratification where single rows can make up for them", async () => {
  const values = Array.from({ length: 200 }, (_, i) => (i % 10 < 3 ? i - (i % 10) : i));
  const labels = values.map((_, i) => Number(i >= 100));
  const { test: held } = await sides(rowsOf(values, labels), { test: 0.25, stratify: true, seed: 3 });
  expect([...countBy(held.map((id) => labels[id]!)).values()]).toEqual([25, 25]);
});

test("a group never lies on both sides, and groups of equal size meet the share", async () => {
  const groups = Array.from({ length: 100 }, (_, i) => i % 20);
  const rows = rowsOf(groups.map((_, i) => i), groups.map((g) => g % 2), groups);
  await fc.assert(
    fc.asyncProperty(seeds, fc.boolean(), async (seed, stratify) => {
      const { train, test: held } = await sides(rows, { test: 0.2, group: "group", seed, stratify });
      const trained = new Set(train.map((id) => groups[id]));
      expect(held.filter((id) => trained.has(groups[id]))).toEqual([]);
      expect(held).toHaveLength(20);
      if (stratify) expect(held.filter((id) => groups[id]! % 2 === 0)).toHaveLength(10);
    }),
    { numRuns: 50 },
  );
});

test("where groups cannot meet the share, the nearest size is taken", async () => {
  const groups = Array.from({ length: 12 }, (_, i) => i % 4);
  const rows = rowsOf(groups.map((_, i) => i), groups.map(() => 0), groups);
  // 5 of 12 rows are wanted; groups of 3 allow 3 or 6.
  expect((await sides(rows, { test: 0.42, group: "group" })).test).toHaveLength(6);
});

test("large groups leave neither side empty", async () => {
  const groups = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
  const rows = rowsOf(groups.map((_, i) => i), groups, groups);
  for (const share of [0.05, 0.95]) {
    const { train, test: held } = await sides(rows, { test: share, group: "group" });
    expect([train.length, held.length]).toEqual([5, 5]);
  }
});

test("a class with one row stays in train", async () => {
  const labels = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  for (let seed = 0; seed < 20; seed++) {
    const { train, test: held } = await sides(rowsOf(labels.map((_, i) => i), labels), { test: 0.5, stratify: true, seed });
    expect(train).toContain(9);
    expect(held).toHaveLength(5);
  }
});

test("one-hot labels stratify too, and a stream is read into memory", async () => {
  const data = fromRows(
    function* () {
      for (let i = 0; i < 40; i++) yield { x: i, y: i % 4 === 0 ? [1, 0] : [0, 1] };
    },
    { columns: { x: { dtype: "float32", shape: [] }, y: { dtype: "float32", shape: [2] } }, inputs: ["x"], labels: ["y"] },
  );
  const { train, test: held } = await data.split({ test: 0.2, stratify: true });
  expect([train.length, held.length]).toEqual([32, 8]);
  const x = [...(await held.column("x")).data].map(Number);
  expect(x.filter((i) => i % 4 === 0)).toHaveLength(2);
});

test("a split fixes its rows: shuffles before it do not move rows across in a later pass", async () => {
  const rows = Array.from({ length: 50 }, (_, i) => i);
  const data = dataset(rowsOf(rows, rows.map(() => 0), rows.map((i) => i % 10)));
  const { train, test: held } = await data.shuffle({ seed: 1 }).split({ test: 0.3, group: "group" });
  const groupsOf = async (side: Dataset) => [...(await side.column("group")).data].map(Number);
  const trained = await groupsOf(train);
  expect((await groupsOf(held)).filter((group) => trained.includes(group))).toEqual([]);
  const ids = async (epoch: number) => {
    const found: number[] = [];
    for await (const row of held.rows({ epoch })) found.push(Number(row["id"]));
    return found;
  };
  expect(await ids(5)).toEqual(await ids(0));
});

test("refuses shares, columns and data that cannot be split", async () => {
  const data = dataset(rowsOf([1, 2, 3], [0, 1, 1]));
  for (const share of [0, 1, -0.2, 20, NaN]) {
    await expect(data.split({ test: share })).rejects.toMatchObject({ code: "BAD_ARGUMENT", where: "dataset.split test" });
  }
  await expect(data.split({ test: 0.2, group: "groop" })).rejects.toThrow('did you mean "group"?');
  await expect(data.split({ test: 0.2, stratify: "lable" })).rejects.toThrow('did you mean "label"?');
  await expect(data.split({ test: 0.2, seed: 0.5 })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  await expect(data.take(1).split({ test: 0.2 })).rejects.toMatchObject({ code: "BAD_DATA", received: "1 rows" });
  await expect(data.take(0).split({ test: 0.2 })).rejects.toMatchObject({ code: "BAD_DATA", received: "0 rows" });
  await expect(data.split({ test: 0.2, group: "group" })).rejects.toThrow("all belong together");
  const measured = fromArrays({ inputs: [[1], [2]], labels: [0.5, 1.5] });
  await expect(measured.split({ test: 0.5, stratify: true })).rejects.toThrow("leave stratify out for regression");
  const unlabelled = fromArrays({ inputs: [[1], [2]] });
  await expect(unlabelled.split({ test: 0.5, stratify: true })).rejects.toThrow("0 label columns");
});
