import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import "../../testing/engine.js";
import { fromBytes, layers, Model, type SymbolicTensor, sequential } from "../../index.js";
import { decodeModel } from "../../onnx/proto.js";

/** Tables of positions are computed by ONNX Runtime where their length is free, else in float64 here. */
const DIGITS = 4;

const steps = (count: number, features: number) => ({ data: Float32Array.from({ length: 2 * count * features }, (_, i) => Math.sin(i)), shape: [2, count, features] });

/** What can be built on sequences of a free length. */
const cases: Readonly<Record<string, (x: SymbolicTensor) => SymbolicTensor>> = {
  dense: (x) => layers.globalAveragePooling1d()(layers.dense({ units: 3, activation: "gelu" })(x)),
  "convolution, same": (x) => layers.globalMaxPooling1d()(layers.batchNormalization()(layers.conv1d({ filters: 3, kernelSize: 4, padding: "same" })(x))),
  "convolution, valid": (x) => layers.conv1d({ filters: 3, kernelSize: 3, dilationRate: 2 })(x),
  "convolution, causal": (x) => layers.conv1d({ filters: 3, kernelSize: 3, padding: "causal" })(x),
  normalization: (x) => layers.groupNormalization({ groups: 2 })(layers.layerNormalization()(x)),
  attention: (x) => layers.attention()([x, x], { useCausalMask: true }),
  "heads, causal": (x) => layers.multiHeadAttention({ numHeads: 2, keyDim: 4 })([x, x], { useCausalMask: true }),
  "grouped heads": (x) => layers.groupedQueryAttention({ numQueryHeads: 2, numKeyValueHeads: 1, headDim: 4 })([x, x], { useCausalMask: true }),
  "fixed positions": (x) => layers.add()([x, layers.sineCosinePosition()(x)]),
  "trained positions": (x) => layers.add()([x, layers.positionEmbedding({ sequenceLength: 12 })(x)]),
  "turned positions": (x) => layers.rotaryEmbedding({ scalingFactor: 2 })(x),
  "turned positions, features first": (x) => layers.rotaryEmbedding({ sequenceAxis: 2, featureAxis: 1 })(layers.permute({ dims: [2, 1] })(x)),
  "transformer decoder": (x) => layers.transformerDecoder({ intermediateDim: 8, numHeads: 2 })(x),
  "time distributed": (x) => layers.timeDistributed({ layer: layers.dense({ units: 3 }) })(x),
};

describe("a free number of steps", () => {
  for (const [name, build] of Object.entries(cases)) {
    it(`stays free in a file, which computes the same: ${name}`, async () => {
      const x = layers.input([null, 8], { name: "x" });
      const model = new Model({ inputs: x, outputs: build(x) });
      const bytes = await model.toOnnx({ opset: 18 });
      expect(decodeModel(bytes).graph.inputs[0]!.shape).toEqual(["batch", "x_1", 8]);
      const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
      const copy = await fromBytes(await model.toBytes());
      for (const count of [7, 12]) {
        const data = steps(count, 8);
        const { output } = await session.run({ x: new ort.Tensor("float32", data.data, data.shape) });
        for (const predicted of [await model.predict(data), await copy.predict(data)]) {
          expect(output!.dims).toEqual(predicted.shape);
          const expected = await predicted.data();
          Array.from(output!.data as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(Number(expected[i]), DIGITS));
        }
      }
    });
  }

  it("can be named, fixed and trained on", async () => {
    const tokens = layers.input(["time"], { dtype: "int32", name: "tokens" });
    const model = sequential([tokens, layers.embedding({ inputDim: 9, outputDim: 4, maskZero: true }), layers.globalAveragePooling1d(), layers.dense({ units: 1 })]);
    model.compile({ optimizer: "sgd", loss: "mse" });
    for (const x of [[[1, 2, 0]], [[3, 4, 5, 6]]]) await model.fit({ x, y: [1] }, { verbose: "silent" });
    expect(decodeModel(await model.toOnnx()).graph.inputs[0]!.shape).toEqual(["batch", "time"]);
    const { graph } = decodeModel(await model.toOnnx({ dimensions: { time: 5, batch: "N" } }));
    expect(graph.inputs[0]!.shape).toEqual(["N", 5]);
    await expect(model.predict(Int32Array.of(1, 2))).rejects.toThrow(/"time"/);
  });

  it("is refused by layers that need to know it", () => {
    const x = layers.input(["time", 8]);
    for (const build of [layers.lstm({ units: 2 }), layers.maxPooling1d(), layers.conv1d({ filters: 1, kernelSize: 3, strides: 2, padding: "same" })]) {
      expect(() => build(x)).toThrow(/free dimension "time".*give this axis a size/);
    }
  });
});
