import { describe, expect, expectTypeOf, it } from "vitest";
import "../testing/engine.js";
import { type CompileOptions, type FitOptions, layers, losses, metrics, Model, sequential, type Tensor } from "../index.js";

const data = { x: [[1, 2], [3, 4]], y: [0, 1] };
const bare = (): Model => sequential([layers.input([2]), layers.dense({ units: 2, activation: "softmax" })]);

// What is checked here is checked by the type checker, in `npm run types`; the runs hold the types to the truth.
describe("types", () => {
  it("know the results of evaluate by what compile was given", async () => {
    const model = bare().compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy", "sparseTopKCategoricalAccuracy"] });
    expectTypeOf(model).toEqualTypeOf<Model<"accuracy" | "sparseTopKCategoricalAccuracy">>();
    const results = await model.evaluate(data);
    expectTypeOf(results).toEqualTypeOf<Record<"loss" | "accuracy" | "sparseTopKCategoricalAccuracy", number>>();
    expect(Object.keys(results).sort()).toEqual(["accuracy", "loss", "sparseTopKCategoricalAccuracy"]);
    // @ts-expect-error -- no such metric was asked for
    expect(results.auc).toBeUndefined();
    expectTypeOf(await model.trainOnBatch(data)).toEqualTypeOf(results);
  });

  it("know the loss alone where there are no metrics, and any key where a metric names itself", async () => {
    const plain = await bare().compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" }).evaluate(data);
    expectTypeOf(plain).toEqualTypeOf<Record<"loss", number>>();
    expect(Object.keys(plain)).toEqual(["loss"]);
    const named = bare().compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", metrics: [metrics.sparseCategoricalAccuracy({ name: "hits" })] });
    const hits = await named.evaluate(data);
    expectTypeOf(hits.loss).toEqualTypeOf<number>();
    expectTypeOf(hits["hits"]).toEqualTypeOf<number | undefined>();
    const x = layers.input([2]);
    const two = new Model({ inputs: x, outputs: { a: layers.dense({ units: 1 })(x), b: layers.dense({ units: 1 })(x) } });
    const byOutput = two.compile({ optimizer: "sgd", loss: "mse", metrics: { a: "mse", b: ["mae"] } });
    const results = await byOutput.evaluate({ x: data.x, y: { a: [1, 2], b: [1, 2] } });
    expectTypeOf(results["b_mae"]).toEqualTypeOf<number | undefined>();
    expect(Object.keys(results)).toEqual(["loss", "a_loss", "b_loss", "a_mse", "b_mae"]);
  });

  it("complete options, and refuse those that do not exist", () => {
    expectTypeOf<FitOptions["verbose"]>().toEqualTypeOf<"auto" | "silent" | undefined>();
    expectTypeOf<"adam">().toExtend<CompileOptions["optimizer"]>();
    // @ts-expect-error -- misspelt option
    void ((): unknown => bare().fit(data, { batchsize: 3 }));
    // @ts-expect-error -- units must be given
    void ((): unknown => layers.dense({}));
    // @ts-expect-error -- misspelt option
    void ((): unknown => layers.dense({ units: 1, activaton: "relu" }));
    // @ts-expect-error -- a loss is needed
    void ((): unknown => bare().compile({ optimizer: "sgd" }));
    // @ts-expect-error -- misspelt optimizer
    expect(() => bare().compile({ optimizer: "adm", loss: "mse" })).toThrow();
    // @ts-expect-error -- misspelt loss
    expect(() => bare().compile({ optimizer: "adam", loss: "msee" })).toThrow();
    // @ts-expect-error -- misspelt metric
    expect(() => bare().compile({ optimizer: "adam", loss: "mse", metrics: ["acuracy"] })).toThrow();
    // @ts-expect-error -- misspelt metric of an output
    expect(() => bare().compile({ optimizer: "adam", loss: "mse", metrics: { dense: ["acuracy"] } })).toThrow();
    // @ts-expect-error -- misspelt activation
    expect(() => layers.dense({ units: 1, activation: "rlu" })).toThrow();
    // @ts-expect-error -- misspelt initializer
    expect(() => layers.dense({ units: 1, kernelInitializer: "glorot" })).toThrow();
    // @ts-expect-error -- misspelt regularizer
    expect(() => layers.dense({ units: 1, kernelRegularizer: "l3" })).toThrow();
    // @ts-expect-error -- misspelt constraint
    expect(() => layers.dense({ units: 1, kernelConstraint: "maxNrom" })).toThrow();
    // Names that only running tells go through `get`.
    expect(() => losses.get("meanSquaredErorr")).toThrow();
  });

  it("know what predict gives, and how models fit in for each other", () => {
    expectTypeOf<ReturnType<Model["predict"]>>().toEqualTypeOf<Promise<Tensor>>();
    expectTypeOf<Model<"accuracy">>().toExtend<Model>();
    expectTypeOf(bare()).toEqualTypeOf<Model>();
  });
});
