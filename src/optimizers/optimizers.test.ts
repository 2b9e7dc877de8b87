import { describe, expect, it } from "vitest";
import { dataTensor } from "../tensor/convert.js";
import { full } from "../ops/shape/fill.js";
import type { Tensor } from "../tensor/tensor.js";
import { nonNeg } from "../constraints/index.js";
import { exponentialDecay } from "../schedules/index.js";
import "../testing/engine.js";
import * as optimizers from "./index.js";

interface Variable {
  readonly path: string;
  readonly weight: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
}

function start(optimizer: optimizers.Optimizer, weights: Readonly<Record<string, readonly number[]>>): Variable[] {
  return Object.entries(weights).map(([path, values]) => ({
    path,
    weight: dataTensor(values),
    slots: Object.fromEntries(
      Object.entries(optimizer.slots({ path, shape: [values.length] })).map(([name, { shape, initial }]) => [name, full(shape, initial)]),
    ),
  }));
}

async function step(
  optimizer: optimizers.Optimizer,
  variables: readonly Variable[],
  grads: readonly (readonly number[])[],
  at: number,
  learningRate?: number,
): Promise<Variable[]> {
  const scalars = Object.fromEntries(
    Object.entries(optimizer.scalars(at, learningRate)).map(([name, value]) => [name, full([], value)]),
  );
  const updated = optimizers.applyOptimizer(
    optimizer,
    variables.map((variable, i) => ({ ...variable, grad: dataTensor(grads[i]!) })),
    scalars,
  );
  for (const { weight, slots } of updated) for (const tensor of [weight, ...Object.values(slots)]) await tensor.data();
  return updated.map((result, i) => ({ ...result, path: variables[i]!.path }));
}

const valuesOf = async (variables: readonly Variable[]): Promise<number[][]> =>
  Promise.all(variables.map(async ({ weight }) => [...(await weight.data())].map(Number)));

describe("applyOptimizer", () => {
  it("decays all weights but the excluded ones", async () => {
    const optimizer = optimizers.sgd({ learningRate: 0.5, weightDecay: 0.1, excludeFromWeightDecay: ["bias"] });
    const after = await step(optimizer, start(optimizer, { "dense/kernel": [2], "dense/bias": [2] }), [[0], [0]], 0);
    expect((await valuesOf(after)).flat()).toEqual([expect.closeTo(1.9, 6), 2]);
  });

  it("averages gradients over steps and leaves weights and slots alone in between", async () => {
    const optimizer = optimizers.sgd({ learningRate: 1, momentum: 0.5, gradientAccumulationSteps: 2 });
    let variables = start(optimizer, { w: [0] });
    const seen: number[] = [];
    for (const [i, g] of [1, 3, 5, 7].entries()) {
      variables = await step(optimizer, variables, [[g]], i);
      seen.push((await valuesOf(variables))[0]![0]!);
    }
    // Updates by 2 and then 6, with momentum −2 · 0.5.
    expect(seen).toEqual([0, -2, -2, -9]);
  });

  it("shows a blow-up instead of hiding it in a clipped norm", async () => {
    const optimizer = optimizers.sgd({ learningRate: 1, globalClipnorm: 1 });
    const after = await step(optimizer, start(optimizer, { w: [0], v: [0] }), [[Infinity], [1]], 0);
    expect((await valuesOf(after)).flat()).toEqual([NaN, NaN]);
    const still = await step(optimizer, start(optimizer, { w: [0] }), [[0]], 0);
    expect((await valuesOf(still)).flat()).toEqual([0]);
  });

  it("brings weights back to their constraint", async () => {
    const optimizer = optimizers.sgd({ learningRate: 1 });
    const [variable] = start(optimizer, { w: [1, 1] });
    const [after] = optimizers.applyOptimizer(
      optimizer,
      [{ ...variable!, grad: dataTensor([3, -3]), constraint: nonNeg() }],
      { learningRate: full([], 1) },
    );
    expect([...(await after!.weight.data())]).toEqual([0, 4]);
  });
});

describe("learning rates", () => {
  it("follow a schedule over steps, or what a callback sets", () => {
    const optimizer = optimizers.adam({ learningRate: exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 }) });
    expect(optimizer.scalars(3)["learningRate"]).toBe(0.125);
    expect(optimizer.scalars(3, 7)["learningRate"]).toBe(7);
  });

  it("survive the stored form, schedules included", () => {
    const optimizer = optimizers.adamw({
      learningRate: exponentialDecay({ initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 }),
      weightDecay: 0.1,
      excludeFromWeightDecay: ["bias"],
    });
    const again = optimizers.deserialize(JSON.parse(JSON.stringify(optimizers.serialize(optimizer))) as never);
    expect(again.scalars(5)).toEqual(optimizer.scalars(5));
    expect(again.options).toEqual(optimizer.options);
  });
});

describe("every optimizer", () => {
  it.each(optimizers.names())("%s finds the bottom of a bowl", async (name) => {
    const optimizer = optimizers.deserialize({ className: name, config: { learningRate: name === "Adadelta" ? 20 : 0.1 } });
    let variables = start(optimizer, { w: [1.5, -1] });
    for (let i = 0; i < 60; i++) {
      const [w] = await valuesOf(variables);
      variables = await step(optimizer, variables, [w!.map((x, j) => x * (1 + j))], i);
    }
    // From 1.5: all rules come down to about the size of their steps.
    for (const x of (await valuesOf(variables)).flat()) expect(Math.abs(x)).toBeLessThan(0.55);
  });
});

describe("optimizers by name", () => {
  it("are found in every spelling", () => {
    for (const name of ["rmsprop", "RMSprop", "rms_prop"]) expect(optimizers.get(name).className).toBe("RMSprop");
    expect(optimizers.get("adamw").options.weightDecay).toBe(0.004);
  });

  it("refuse what they cannot do, with the fix", () => {
    expect(() => optimizers.get("adem")).toThrow(/did you mean "adam"/);
    expect(() => optimizers.adam({ lr: 1 } as never)).toThrow(/expected one of the options/);
    expect(() => optimizers.sgd({ clipnorm: 1, clipvalue: 1 })).toThrow(/at most one of/);
    expect(() => optimizers.sgd({ gradientAccumulationSteps: 1 })).toThrow(/at least 2/);
    expect(() => optimizers.sgd({ learningRate: -1 })).toThrow(/at least 0/);
    expect(() => optimizers.muon({ nsSteps: 0 })).toThrow(/at least 1/);
    expect(() => optimizers.muon({ excludeLayers: ["("] })).toThrow(/regular expressions/);
  });

  it("may be one's own, with clipping and all the rest", async () => {
    const signSgd = optimizers.defineOptimizer({
      className: "SignSgdForTest",
      defaults: {},
      update: ({ weight, grad, scalars }) => ({ weight: weight.sub(grad.sign().mul(scalars["learningRate"]!)), slots: {} }),
    });
    const optimizer = optimizers.deserialize(optimizers.serialize(signSgd({ learningRate: 0.25, weightDecay: 1 })));
    const after = await step(optimizer, start(optimizer, { w: [1, -1] }), [[5, -3]], 0);
    expect((await valuesOf(after)).flat()).toEqual([0.5, -0.5]);
  });
});
