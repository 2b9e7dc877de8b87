import { describe, expect, it } from "vitest";
import * as losses from "../../losses/index.js";
import * as optimizers from "../../optimizers/index.js";
import { camelCase, fromKeras } from "./kerasConfig.js";

describe("fromKeras", () => {
  it("spells options our way and drops what concerns Keras alone", () => {
    const stored = fromKeras({
      module: "keras.optimizers",
      class_name: "Adam",
      config: {
        name: "adam",
        learning_rate: {
          module: "keras.optimizers.schedules",
          class_name: "CosineDecay",
          config: { initial_learning_rate: 0.1, decay_steps: 8, name: "CosineDecay", warmup_target: null },
          registered_name: null,
        },
        loss_scale_factor: 8,
        beta_1: 0.8,
      },
    } as never);
    expect(stored).toEqual({
      className: "Adam",
      config: {
        lossScaleFactor: 8,
        learningRate: { className: "CosineDecay", config: { initialLearningRate: 0.1, decaySteps: 8, warmupTarget: null } },
        beta1: 0.8,
      },
    });
    expect(optimizers.deserialize(stored).scalars(0)["learningRate"]).toBe(0.1);
  });

  it("keeps names of layers, and reads functions, tuples and nested layers", () => {
    const stored = fromKeras({
      module: "keras.layers",
      class_name: "Bidirectional",
      config: {
        name: "both_ways",
        dtype: { module: "keras", class_name: "DTypePolicy", config: { name: "float32" } },
        layer: { module: "keras.layers", class_name: "LSTM", config: { name: "lstm_1", recurrent_activation: "hard_sigmoid" } },
        activation: { module: "builtins", class_name: "function", config: "leaky_relu" },
        kernel_size: { class_name: "__tuple__", items: [3, 3] },
        data_format: "channels_last",
      },
    });
    expect(stored.config).toEqual({
      name: "both_ways",
      layer: { className: "LSTM", config: { name: "lstm_1", recurrentActivation: "hardSigmoid" } },
      activation: "leakyRelu",
      kernelSize: [3, 3],
      dataFormat: "channelsLast",
    });
  });

  it("gives losses their reduction", () => {
    const stored = fromKeras({ class_name: "Dice", config: { reduction: "sum_over_batch_size", axis: null, name: "dice" } }, { keepName: false });
    expect(losses.deserialize(stored).reduction).toBe("sumOverBatchSize");
  });

  it("refuses what is no Keras object, however deep", () => {
    expect(() => fromKeras({ class_name: 3, config: {} } as never)).toThrow(/class_name and config/);
    expect(() => fromKeras({ class_name: "Dense", config: [] })).toThrow(/class_name and config/);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = { a: deep };
    expect(() => fromKeras({ class_name: "Dense", config: { deep } })).toThrow(/100 deep/);
  });

  it("leaves the prototype of objects alone", () => {
    const stored = fromKeras({ class_name: "Dense", config: JSON.parse('{"__proto__": {"polluted": 1}}') as object });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(stored.config)).toBe(Object.prototype);
  });

  it("spells names", () => {
    expect(["beta_1", "sum_over_batch_size", "l2_shrinkage_regularization_strength", "units", "_private"].map(camelCase)).toEqual(
      ["beta1", "sumOverBatchSize", "l2ShrinkageRegularizationStrength", "units", "_private"],
    );
  });
});
