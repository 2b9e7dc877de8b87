import { describe, expect, it } from "vitest";
import { gradients } from "../autodiff/gradients.js";
import { graphOf, nodesOf, placeholder } from "../graph/graph.js";
import type { Op } from "../graph/op.js";
import { dataTensor } from "../tensor/convert.js";
import { evaluateDim } from "../tensor/dim.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Precision, type TensorFunction, expectDerivatives } from "./differences.js";
import "./engine.js";
import type { Fixture } from "./fixtures.js";
import { type PlainValue, plainRun } from "./plainRun.js";

/** One call of an op whose inputs and results are stored under `op/name` in the family's fixtures. */
export interface OpCase {
  readonly name: string;
  /** The call, where it is more than the op with the stored inputs. */
  readonly call?: TensorFunction;
  /** The inputs, by position, whose axis 0 may be free in an export; true for all. Default none. */
  readonly freeBatch?: true | readonly number[];
  /**
   * The dtype in which derivatives are taken by differences: float64 unless ONNX Runtime has no
   * such kernel. "none" at a kink, where only the stored gradients are compared.
   */
  readonly differences?: Precision | "none";
  /** Largest error of values, relative to max(1, |value|). Default {@link TOLERANCE}. */
  readonly tolerance?: number;
}

/** The exports of a module that give tensors: its ops, and the functions derived from them. */
export type TensorExports<M> = {
  [K in keyof M as M[K] extends (...args: never[]) => Tensor | readonly Tensor[] ? K : never]: M[K];
};

/** Cases for each export that gives tensors: one that has none is a type error. */
export type CasesOf<M> = { readonly [K in keyof TensorExports<M>]: readonly [OpCase, ...OpCase[]] };

/**
 * Kernels round each step by 2⁻²⁴ ≈ 6e-8, approximate exp and erf to about 1e-6, and stored
 * values are sums of up to 100 terms; so 1e-5 leaves an order of magnitude.
 */
const TOLERANCE = 1e-5;

/**
 * Tests every op of a family. To write a case: add the reference call to `scripts/fixtures/ops.py`
 * (or a script of your own that imports `fixture.py`), run it, and name the case here:
 *
 * @example
 * import * as shape from "./index.js";
 * const fixtures = readFixtures(new URL("./shape.fixtures.json", import.meta.url));
 * opTests(shape, fixtures, {
 *   concat: [{ name: "axis 1", call: (x, y) => shape.concat([x, y], 1) }],
 *   …
 * });
 */
export function opTests<M extends object>(family: M, fixtures: ReadonlyMap<string, Fixture>, cases: CasesOf<M>): void {
  for (const [op, list] of Object.entries(cases) as [string, readonly OpCase[]][]) {
    const exported = (family as Record<string, unknown>)[op] as TensorFunction;
    const seen = { op: false, gradient: false };
    describe(op, () => {
      describe.each(list.map((opCase) => [opCase.name, opCase] as const))("%s", (name, opCase) => {
        const fixture = fixtures.get(`${op}/${name}`);
        if (fixture === undefined) {
          it("has a fixture", () => expect.fail(`no fixture ${op}/${name}: run the script in scripts/fixtures`));
          return;
        }
        const call = opCase.call ?? exported;
        const outputs = [call(...placeholders(fixture))].flat();
        seen.op ||= nodesOf(outputs).some((node) => node.op === (exported as unknown));
        seen.gradient ||= fixture.gradients !== undefined;
        opTest(call, fixture, opCase);
      });
      if (!isOp(exported)) return;
      it("is in the graph of one of its cases", () => expect(seen.op).toBe(true));
      if (exported.grad !== "none") it("has a case with gradients", () => expect(seen.gradient).toBe(true));
    });
  }
}

/** Tests one call against its fixture. */
function opTest(call: TensorFunction, fixture: Fixture, { freeBatch, differences, tolerance = TOLERANCE }: OpCase): void {
  it("gives the stored values in the engine", async () => {
    const inputs = fixture.inputs.map(({ data, dtype, shape }) => dataTensor(data, dtype, shape));
    for (const [i, output] of [call(...inputs)].flat().entries()) {
      const found = { data: await output.data(), shape: output.shape as readonly number[], dtype: output.dtype };
      expectValue(found, fixture.outputs[i]!, tolerance);
    }
  });

  it("gives them as an exported file, in the shape and dtype inferred", async () => {
    const inputs = placeholders(fixture);
    const outputs = [call(...inputs)].flat();
    expect(outputs.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(fixture.outputs.map(({ shape, dtype }) => ({ shape, dtype })));
    const found = await plainRun(graphOf(inputs, outputs), fixture.inputs);
    found.forEach((value, i) => expectValue(value, fixture.outputs[i]!, tolerance));
  });

  if (freeBatch !== undefined) {
    it("gives them with a free batch axis", async () => {
      const free = fixture.inputs.map((_, i) => freeBatch === true || freeBatch.includes(i));
      const inputs = fixture.inputs.map(({ shape, dtype }, i) =>
        placeholder(free[i] ? ["batch", ...shape.slice(1)] : shape, dtype, `x${i}`),
      );
      const outputs = [call(...inputs)].flat();
      const batch = fixture.inputs[free.indexOf(true)]!.shape[0]!;
      outputs.forEach(({ shape }, i) => {
        expect(shape.map((dim) => evaluateDim(dim, { batch }))).toEqual(fixture.outputs[i]!.shape);
      });
      const found = await plainRun(graphOf(inputs, outputs), fixture.inputs);
      found.forEach((value, i) => expectValue(value, fixture.outputs[i]!, tolerance));
    });
  }

  const stored = fixture.gradients;
  if (stored === undefined) return;

  it("has the stored gradients", async () => {
    const inputs = placeholders(fixture);
    const cotangents = stored.cotangents.map(({ shape, dtype }, i) => placeholder(shape, dtype, `r${i}`));
    const wrt = inputs.filter((_, i) => stored.wrtInputs[i] !== null);
    const expected = stored.wrtInputs.filter((grad) => grad !== null);
    const found = gradients([call(...inputs)].flat(), cotangents, wrt);
    expect(found).not.toContain(null);
    const values = await plainRun(graphOf([...inputs, ...cotangents], found as Tensor[]), [...fixture.inputs, ...stored.cotangents]);
    values.forEach((value, i) => expectValue(value, expected[i]!, tolerance));
  });

  if (differences !== "none") {
    it("has the first and second derivatives that differences measure", async () => {
      await expectDerivatives(call, fixture.inputs, differences ?? "float64");
    });
  }
}

function placeholders(fixture: Fixture): Tensor[] {
  return fixture.inputs.map(({ shape, dtype }, i) => placeholder(shape, dtype, `x${i}`));
}

function isOp(value: unknown): value is Op {
  return typeof value === "function" && "infer" in value && "lower" in value;
}

function expectValue(found: PlainValue, expected: PlainValue, tolerance: number): void {
  expect({ shape: found.shape, dtype: found.dtype }).toEqual({ shape: expected.shape, dtype: expected.dtype });
  expect(found.data.length).toBe(expected.data.length);
  expected.data.forEach((value: number | bigint, i: number) => {
    const [a, b] = [Number(found.data[i]), Number(value)];
    const same = Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
    expect(same, `element ${i}: found ${a}, stored ${b}`).toBe(true);
  });
}
