import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import "../../src/testing/engine.js";
import type { Outcome } from "./format.js";
import { run } from "./layers.js";

type CaseFile = Parameters<typeof run>[0];

const file = JSON.parse(readFileSync(new URL("../../conformance/layers.json", import.meta.url), "utf8")) as CaseFile;

/** Classes whose every case must pass. One that is built is added here. */
const BUILT = [
  "Activation",
  "AdaptiveAveragePooling2D",
  "AdaptiveMaxPooling2D",
  "Add",
  "AdditiveAttention",
  "AlphaDropout",
  "Attention",
  "Average",
  "AveragePooling1D",
  "AveragePooling2D",
  "AveragePooling3D",
  "BatchNormalization",
  "Bidirectional",
  "CenterCrop",
  "Concatenate",
  "Conv1D",
  "Conv1DTranspose",
  "Conv2D",
  "Conv2DTranspose",
  "Conv3D",
  "Conv3DTranspose",
  "ConvLSTM2D",
  "Cropping1D",
  "Cropping2D",
  "Cropping3D",
  "Dense",
  "DepthwiseConv1D",
  "DepthwiseConv2D",
  "Dot",
  "Dropout",
  "ELU",
  "EinsumDense",
  "Embedding",
  "Flatten",
  "GRU",
  "GaussianNoise",
  "GlobalAveragePooling1D",
  "GlobalAveragePooling2D",
  "GlobalAveragePooling3D",
  "GlobalMaxPooling1D",
  "GlobalMaxPooling2D",
  "GlobalMaxPooling3D",
  "GroupNormalization",
  "GroupedQueryAttention",
  "LSTM",
  "LayerNormalization",
  "LeakyReLU",
  "MaxPooling1D",
  "MaxPooling2D",
  "MaxPooling3D",
  "Maximum",
  "Minimum",
  "MultiHeadAttention",
  "Multiply",
  "PReLU",
  "Permute",
  "RMSNormalization",
  "RNN",
  "ReLU",
  "RepeatVector",
  "Rescaling",
  "Reshape",
  "Resizing",
  "ReversibleEmbedding",
  "SeparableConv1D",
  "SeparableConv2D",
  "SimpleRNN",
  "Softmax",
  "SpatialDropout1D",
  "Subtract",
  "TimeDistributed",
  "UnitNormalization",
  "UpSampling1D",
  "UpSampling2D",
  "UpSampling3D",
  "ZeroPadding1D",
  "ZeroPadding2D",
  "ZeroPadding3D",
];

/** Activations that are not built. */
const WITHOUT = ["activation_sparsemax"];

async function all(cases: CaseFile): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of run(cases)) outcomes.push(outcome);
  return outcomes;
}

describe("layers agree with Keras", () => {
  it.each(BUILT)("%s", async (className) => {
    const cases = file.cases.filter(({ name, layer }) => layer.class_name === className && !WITHOUT.includes(name));
    expect(cases.length).toBeGreaterThan(0);
    const outcomes = await all({ cases });
    expect(outcomes.filter(({ status }) => status !== "passed")).toEqual([]);
  });

  it("skips what is not built, by name and with the reason", async () => {
    const layer = { class_name: "NoSuchLayer", config: {} };
    const [base] = file.cases;
    expect(await all({ cases: [{ ...base!, name: "case", layer }] })).toEqual([
      { name: "case", status: "skipped", reason: "no layer NoSuchLayer" },
    ]);
  });

  it.each([
    ["an output", "outputs"],
    ["an input's gradient", "input_grads"],
    ["a weight's gradient", "weight_grads"],
  ] as const)("fails a case that differs in one element of %s", async (_what, field) => {
    const base = file.cases.find(({ name }) => name === "dense_relu")!;
    const [first, ...rest] = base[field];
    const wrong = { ...first!, data: [Number(first!.data[0]) + 1e-3, ...first!.data.slice(1)] };
    const [outcome] = await all({ cases: [{ ...base, [field]: [wrong, ...rest] }] });
    expect(outcome!.status).toBe("failed");
    expect(outcome!.error).toBeGreaterThan(1);
  });

  it("fails a case whose running statistics differ", async () => {
    const base = file.cases.find(({ name }) => name === "batchnorm_True")!;
    const { moving_mean: mean } = base.weights_after!;
    const wrong = { ...mean!, data: [Number(mean!.data[0]) + 1e-3, ...mean!.data.slice(1)] };
    const [outcome] = await all({ cases: [{ ...base, weights_after: { ...base.weights_after, moving_mean: wrong } }] });
    expect(outcome!.status).toBe("failed");
  });
});
