import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jit } from "../autodiff/index.js";
import { full } from "../ops/shape/fill.js";
import type { Config } from "../registry.js";
import { dataTensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import "../testing/engine.js";
import * as optimizers from "./index.js";

interface Stored {
  readonly variables: Readonly<Record<string, { readonly shape: readonly number[]; readonly start: readonly number[] }>>;
  /** Of each step, of each variable. */
  readonly grads: readonly (readonly (readonly number[])[])[];
  readonly cases: readonly {
    readonly setting: string;
    readonly className: string;
    readonly config: Config;
    /** After so many steps. */
    readonly weights: Readonly<Record<string, readonly (readonly number[])[]>>;
    /** The moving averages at the end. */
    readonly averages?: readonly (readonly number[])[];
  }[];
}

/** Keras's numbers, by scripts/fixtures/optimizers.py. */
const stored = JSON.parse(readFileSync(new URL("optimizers.fixtures.json", import.meta.url), "utf8")) as Stored;
const specs = Object.entries(stored.variables).map(([path, { shape, start }]) => ({ path, shape, start }));

interface State {
  readonly weight: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
}

describe.each([...new Set(stored.cases.map(({ className }) => className))])("%s", (className) => {
  const cases = stored.cases.filter((each) => each.className === className);

  it.each(cases.map((each) => [each.setting, each.config, each] as const))("%s %j", async (_setting, config, { weights, averages }) => {
    const optimizer = optimizers.deserialize({ className, config });
    const step = jit((states: readonly State[], grads: readonly Tensor[], scalars: Readonly<Record<string, Tensor>>) =>
      optimizers.applyOptimizer(
        optimizer,
        states.map((state, i) => ({ ...state, path: specs[i]!.path, grad: grads[i]!.mul(optimizer.options.lossScaleFactor ?? 1) })),
        scalars,
      ),
    );
    let states: readonly State[] = specs.map((spec) => ({
      weight: dataTensor(spec.start).reshape(spec.shape),
      slots: Object.fromEntries(Object.entries(optimizer.slots(spec)).map(([name, { shape, initial }]) => [name, full(shape, initial)])),
    }));
    for (const [i, grads] of stored.grads.entries()) {
      const tensors = grads.map((values, at) => dataTensor(values).reshape(specs[at]!.shape));
      states = await step(states, tensors, optimizer.scalars(i) as never);
      await compare(states.map(({ weight }) => weight), weights[i + 1]);
    }
    if (averages !== undefined) await compare(states.map(({ slots }) => slots["average"]!), averages);
  });
});

/** Float32 keeps seven digits; six steps, with roots and quotients, lose one or two of them. */
const TOLERANCE = 2e-5;

async function compare(tensors: readonly Tensor[], expected: readonly (readonly number[])[] | undefined): Promise<void> {
  if (expected === undefined) return;
  for (const [i, values] of expected.entries()) {
    const found = Array.from((await tensors[i]!.data()) as Float32Array);
    const error = Math.max(...found.map((value, at) => Math.abs(value - values[at]!) / Math.max(1, Math.abs(values[at]!))));
    expect(error, specs[i]!.path).toBeLessThan(TOLERANCE);
  }
}

it("compares every optimizer", () => {
  const own = optimizers.names().filter((name) => !stored.cases.some(({ className }) => className === name));
  expect(own).toEqual([]);
});
