import { expect, test } from "vitest";
import { fromArrays } from "./index.js";

const inputs = Array.from({ length: 40 }, (_, i) => [Math.sin(i), i % 7]);
const labels = inputs.map((_, i) => i % 3);
const data = fromArrays({ inputs, labels });

test("a dataset's fingerprint is the same in any order and number of readings", async () => {
  const found = await data.fingerprint();
  expect(found).toMatch(/^[\da-f]{16}$/);
  expect(await data.fingerprint()).toBe(found);
  expect(await data.shuffle({ seed: 4 }).fingerprint()).toBe(found);
  expect(await fromArrays({ inputs, labels }).fingerprint()).toBe(found);
});

test("other data have other fingerprints", async () => {
  const others = [
    data,
    data.take(39),
    data.take(0),
    data.map((row) => ({ ...row, label: row.label === 2 ? 1 : row.label! })),
    fromArrays({ inputs: inputs.map(([a, b]) => [b!, a!]), labels }),
    fromArrays({ inputs, labels: labels.toReversed() }),
    fromArrays({ inputs: { other: inputs }, labels }),
    fromArrays({ inputs: [...inputs, inputs[0]!], labels: [...labels, labels[0]!] }),
  ];
  const found = await Promise.all(others.map((each) => each.fingerprint()));
  expect(new Set(found).size).toBe(others.length);
});
