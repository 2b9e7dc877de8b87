import fc from "fast-check";
import { expect, it } from "vitest";
import { graphOf, placeholder } from "../../graph/graph.js";
import { plainRun } from "../../testing/plainRun.js";
import { einsum } from "./einsum.js";

interface Problem {
  readonly terms: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: Readonly<Record<string, number>>;
}

const LETTERS = ["a", "b", "c", "d"];

const problem: fc.Arbitrary<Problem> = fc
  .record({
    terms: fc.array(fc.array(fc.constantFrom(...LETTERS), { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    order: fc.shuffledSubarray(LETTERS),
    sizes: fc.record({ a: fc.constantFrom(1, 2, 3), b: fc.constantFrom(0, 2), c: fc.constantFrom(1, 3), d: fc.constantFrom(2) }),
  })
  .map(({ terms, order, sizes }) => ({ terms, sizes, output: order.filter((letter) => terms.flat().includes(letter)) }));

/** The sum by its definition: over every value of every letter. */
function bySumming({ terms, output, sizes }: Problem, operands: readonly Float32Array[]): number[] {
  const place = (labels: readonly string[], at: Readonly<Record<string, number>>): number =>
    labels.reduce((sum, label) => sum * sizes[label]! + at[label]!, 0);
  const letters = [...new Set(terms.flat())];
  const result = Array.from({ length: output.reduce((n, label) => n * sizes[label]!, 1) }, () => 0);
  const visit = (depth: number, at: Record<string, number>): void => {
    const letter = letters[depth];
    if (letter === undefined) {
      result[place(output, at)]! += terms.reduce((product, labels, i) => product * operands[i]![place(labels, at)]!, 1);
      return;
    }
    for (let i = 0; i < sizes[letter]!; i++) visit(depth + 1, { ...at, [letter]: i });
  };
  visit(0, {});
  return result;
}

it("einsum is the sum of its definition, repeated letters and empty axes included", async () => {
  await fc.assert(
    fc.asyncProperty(problem, async (p) => {
      const shapes = p.terms.map((labels) => labels.map((label) => p.sizes[label]!));
      // Small whole numbers, so that float32 sums are exact and must be equal.
      const operands = shapes.map((shape, i) =>
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => ((at * (i + 3)) % 5) - 2),
      );
      const equation = `${p.terms.map((labels) => labels.join("")).join()}->${p.output.join("")}`;
      const inputs = shapes.map((shape, i) => placeholder(shape, "float32", `x${i}`));
      const feeds = operands.map((data, i) => ({ data, shape: shapes[i]!, dtype: "float32" as const }));
      const [found] = await plainRun(graphOf(inputs, [einsum(equation, inputs)]), feeds);
      expect(found!.shape, equation).toEqual(p.output.map((label) => p.sizes[label]!));
      // −0 and 0 are the same sum.
      expect(Array.from<number | bigint, number>(found!.data, (x) => Number(x) + 0), equation).toEqual(bySumming(p, operands).map((x) => x + 0));
    }),
    { numRuns: 200, seed: 1 },
  );
});
