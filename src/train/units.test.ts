import { describe, expect, test } from "vitest";
import * as constraints from "../constraints/index.js";
import * as initializers from "../initializers/index.js";
import * as layers from "../layers/index.js";
import type { Model } from "../models/model.js";
import { sequential } from "../models/sequential.js";
import * as optimizers from "../optimizers/index.js";
import type { Optimizer } from "../optimizers/index.js";
import { keyOf, normals } from "../random/host.js";
import "../testing/engine.js";
import { unitsOf } from "./units.js";

const x = { shape: [12, 3], data: normals(keyOf(1), 36) };
const y = { shape: [12, 2], data: normals(keyOf(2), 24) };

function network(optimizer: Optimizer): Model {
  const kernelInitializer = initializers.glorotUniform({ seed: 3 });
  return sequential([
    layers.input([3]),
    layers.dense({ units: 4, activation: "tanh", kernelInitializer }),
    layers.dense({ units: 4, activation: "relu", kernelInitializer, kernelConstraint: constraints.maxNorm({ maxValue: 1 }) }),
    layers.dense({ units: 2, kernelInitializer }),
  ]).compile({ optimizer, loss: "mse" });
}

async function weightsOf(model: Model): Promise<number[]> {
  const values = await Promise.all(model.variables.map((variable) => variable.read()));
  return values.flatMap((value) => [...(value as Float32Array)]);
}

const fit = async (model: Model, epochs: number): Promise<void> => {
  // Batches of 5, 5 and 2 rows: two programs share the slots.
  await model.fit({ x, y }, { epochs, batchSize: 5, seed: 1, verbose: "silent" });
};

/** The same optimizer, every weight by itself. */
function apart(optimizer: Optimizer): Optimizer {
  return { ...optimizer, elementwise: false };
}

describe("units", () => {
  const optimizer = optimizers.adamw({ learningRate: 0.05, excludeFromWeightDecay: ["bias"] });

  test("join small weights of one rule, and no others", () => {
    const model = network(optimizer);
    const paths = unitsOf(optimizer, model.trainableVariables).map((unit) => unit.map(({ path }) => path));
    expect(paths).toEqual([
      ["dense/kernel", "dense_2/kernel"],
      ["dense/bias", "dense_1/bias", "dense_2/bias"],
      ["dense_1/kernel"],
    ]);
    expect(unitsOf(optimizers.lamb(), model.trainableVariables)).toHaveLength(6);
    expect(unitsOf(optimizers.adam({ clipnorm: 1 }), model.trainableVariables)).toHaveLength(6);
  });

  test.each(
    [
      optimizer,
      optimizers.sgd({ learningRate: 0.05, momentum: 0.9 }),
      optimizers.nadam({ globalClipnorm: 0.5 }),
      optimizers.rmsprop({ useEma: true, gradientAccumulationSteps: 2 }),
    ].map((each) => [each.className, each] as const),
  )("%s: the same weights, to the bit, as with every weight by itself", async (_name, each) => {
    const [joined, single] = [network(each), network(apart(each))];
    await fit(joined, 3);
    await fit(single, 3);
    // Only a norm over all gradients adds in another order.
    const tolerance = each.options.globalClipnorm === null ? 0 : 1e-6;
    const expected = await weightsOf(single);
    (await weightsOf(joined)).forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(tolerance));
  });

  test("a layer frozen and freed again keeps its moments", async () => {
    const models = [network(optimizer), network(apart(optimizer))];
    for (const model of models) {
      await fit(model, 2);
      model.layers[0]!.trainable = false;
      await fit(model, 1);
      model.layers[0]!.trainable = true;
      await fit(model, 2);
    }
    expect(await weightsOf(models[0]!)).toEqual(await weightsOf(models[1]!));
  });

  test("predictions between and during steps, which take the weights apart, change nothing", async () => {
    const [plain, watched] = [network(optimizer), network(optimizer)];
    await fit(plain, 3);
    let predictions = 0;
    let running = true;
    const beside = (async () => {
      while (running) {
        await (await watched.predict(x)).data();
        predictions++;
      }
    })();
    await watched.fit({ x, y }, {
      epochs: 3,
      batchSize: 5,
      seed: 1,
      verbose: "silent",
      validation: { x, y },
      callbacks: [{ name: "watch", onBatchEnd: async () => void (await watched.predict(x)) }],
    });
    running = false;
    await beside;
    expect(predictions).toBeGreaterThan(2);
    expect(await weightsOf(watched)).toEqual(await weightsOf(plain));
  });

  test("an optimizer may keep, and take off, other things of matrices than of vectors", async () => {
    const each = optimizers.defineOptimizer({
      className: "ByRank",
      elementwise: true,
      defaults: { weightDecay: 0.5 },
      slots: (_config, { shape }): Record<string, number> => (shape.length > 1 ? { sum: 0 } : {}),
      weightDecay: ({ weightDecay }, { shape }) => (shape.length > 1 ? weightDecay : null),
      update: ({ weight, grad, slots, scalars }) => {
        const sum = slots["sum"]?.add(grad);
        return { weight: weight.sub((sum ?? grad).mul(scalars["learningRate"]!)), slots: sum === undefined ? {} : { sum } };
      },
    })({ learningRate: 0.1 });
    const [joined, single] = [network(each), network(apart(each))];
    await fit(joined, 3);
    await fit(single, 3);
    expect(await weightsOf(joined)).toEqual(await weightsOf(single));
    expect(joined.compiled!.optimizer.slots.get(joined.variables[0]!)).toHaveLength(1);
  });

  test("what is assigned while a step runs stays", async () => {
    // The kernel of the middle layer stands alone, the others are joint.
    const model = network(optimizers.sgd({ learningRate: 1e-9 }));
    for (let turns = 0; turns < 40; turns++) {
      let trained = false;
      const training = fit(model, 1).then(() => (trained = true));
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      for (const variable of model.variables) variable.assign(new Float32Array(variable.size).fill(0.25));
      await training;
      expect(trained).toBe(true);
      (await weightsOf(model)).forEach((weight) => expect(weight).toBeCloseTo(0.25, 6));
      for (const variable of model.variables) variable.assign(new Float32Array(variable.size));
    }
  });

  test("two models that share their layers train them in turn", async () => {
    const model = network(optimizer);
    const twin = sequential([layers.input([3]), ...model.layers]).compile({ optimizer: optimizers.sgd({ learningRate: 0.05 }), loss: "mse" });
    const apartModel = network(apart(optimizer));
    const apartTwin = sequential([layers.input([3]), ...apartModel.layers]).compile({ optimizer: apart(optimizers.sgd({ learningRate: 0.05 })), loss: "mse" });
    for (const trained of [model, twin, model]) await fit(trained, 1);
    for (const trained of [apartModel, apartTwin, apartModel]) await fit(trained, 1);
    expect(await weightsOf(model)).toEqual(await weightsOf(apartModel));
  });
});
