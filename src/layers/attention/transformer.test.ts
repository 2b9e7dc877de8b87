import { describe, expect, it } from "vitest";
import { fromBytes } from "../../models/load.js";
import { Model } from "../../models/model.js";
import { dataTensor } from "../../tensor/convert.js";
import { expectClose, floats, jitter, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { dense } from "../core/dense.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { add } from "../merging/elementwise.js";
import { layerNormalization } from "../normalization/layerNormalization.js";
import type { SymbolicTensor } from "../symbolic.js";
import { multiHeadAttention } from "./multiHeadAttention.js";
import { transformerDecoder, transformerEncoder } from "./transformer.js";

const attention = (name: string) => ({
  [`${name}/query/kernel`]: [4, 2, 2],
  [`${name}/query/bias`]: [2, 2],
  [`${name}/key/kernel`]: [4, 2, 2],
  [`${name}/key/bias`]: [2, 2],
  [`${name}/value/kernel`]: [4, 2, 2],
  [`${name}/value/bias`]: [2, 2],
  [`${name}/attention_output/kernel`]: [2, 2, 4],
  [`${name}/attention_output/bias`]: [4],
  [`${name}_layer_norm/gamma`]: [4],
  [`${name}_layer_norm/beta`]: [4],
});

const forward = {
  "feedforward_layer_norm/gamma": [4],
  "feedforward_layer_norm/beta": [4],
  "feedforward_intermediate_dense/kernel": [4, 3],
  "feedforward_intermediate_dense/bias": [3],
  "feedforward_output_dense/kernel": [3, 4],
  "feedforward_output_dense/bias": [4],
};

const options = { intermediateDim: 3, numHeads: 2, activation: "tanh" } as const;

layerTest((extra) => transformerEncoder({ ...options, ...extra }), [{ shape: [2, 4] }], {
  output: [2, 4],
  weights: { ...attention("self_attention"), ...forward },
  refused: [[[2, 3]], [[4]]],
});

layerTest((extra) => transformerDecoder({ ...options, normalizeFirst: true, dropout: 0.1, ...extra }), [{ shape: [2, 4] }, { shape: [3, 4] }], {
  output: [2, 4],
  weights: { ...attention("self_attention"), ...attention("cross_attention"), ...forward },
  trainingDiffers: true,
  refused: [[[2, 3], [3, 4]], [[2, 4]]],
  // Its parts are measured one by one, and those that the encoder has too in its test.
  differences: "none",
  overfit: 0.1,
});

describe.each([false, true])("TransformerEncoder, normalizeFirst: %s", (normalizeFirst) => {
  it("is what its parts give one by one", async () => {
    const x = input([3, 4]);
    const block = transformerEncoder({ ...options, normalizeFirst });
    const [look, norm1, norm2] = [multiHeadAttention({ numHeads: 2, keyDim: 2 }), layerNormalization({ epsilon: 1e-5 }), layerNormalization({ epsilon: 1e-5 })];
    const [hidden, out] = [dense({ units: 3, activation: "tanh" }), dense({ units: 4 })];
    const step = (h: SymbolicTensor, norm: Layer, part: (h: SymbolicTensor) => SymbolicTensor): SymbolicTensor =>
      normalizeFirst ? add()([h, part(norm(h))]) : norm(add()([h, part(h)]));
    const parts = step(step(x, norm1, look), norm2, (h) => out(hidden(h)));
    const model = new Model({ inputs: x, outputs: [block(x), parts] });
    jitter(model);
    const own = [look, norm1, norm2, hidden, out].flatMap((layer: Layer) => layer.variables);
    own.forEach((variable, i) => variable.assign(block.variables[i]!.value as Float32Array));
    const [whole, pieces] = await model.predictAll(dataTensor(floats(24, 1), "float32", [2, 3, 4]));
    expectClose((await whole!.data()) as Float32Array, (await pieces!.data()) as Float32Array, 1e-6);
  });
});

describe("TransformerDecoder", () => {
  /** The block's output for x, and for x with its last step changed. */
  async function twice(useCausalMask?: boolean): Promise<[number[][], number[][]]> {
    const x = input([3, 4]);
    const block = transformerDecoder(options);
    const model = new Model({ inputs: x, outputs: block(x, useCausalMask === undefined ? {} : { useCausalMask }) });
    jitter(model);
    const values = floats(12, 1);
    const changed = values.map((value, i) => (i < 8 ? value : -value));
    const run = async (data: Float32Array): Promise<number[][]> =>
      ((await (await model.predict(dataTensor(data, "float32", [1, 3, 4]))).toArray()) as number[][][])[0]!;
    return [await run(values), await run(changed)];
  }

  it("sees no later step unless it is told to", async () => {
    const [a, b] = await twice();
    expect(b.slice(0, 2)).toEqual(a.slice(0, 2));
    const [c, d] = await twice(false);
    expect(d[0]).not.toEqual(c[0]);
  });

  it("keeps its arguments in a saved model", async () => {
    const [x, encoded] = [input([2, 4]), input([3, 4], { name: "encoded" })];
    const pairs = input([2, 3], { name: "pairs", dtype: "bool" });
    const y = transformerDecoder(options)([x, encoded], { useCausalMask: false, encoderAttentionMask: pairs });
    const model = new Model({ inputs: [x, encoded, pairs], outputs: y });
    jitter(model);
    const data = {
      [model.inputNames[0]!]: dataTensor(floats(8, 1), "float32", [1, 2, 4]),
      encoded: dataTensor(floats(12, 2), "float32", [1, 3, 4]),
      pairs: dataTensor([[[1, 0, 1], [0, 0, 1]]], "bool"),
    };
    const loaded = await fromBytes(await model.toBytes());
    expect(await (await loaded.predict(data)).data()).toEqual(await (await model.predict(data)).data());
  });

  it("looks at an encoder always or never", () => {
    const block = transformerDecoder(options);
    block(input([2, 4]));
    expect(mistake(() => block([input([2, 4]), input([2, 4])]))).toMatchObject({ code: "BAD_ARGUMENT", received: "one" });
  });
});
