import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { Model } from "../models/model.js";
import { dataTensor } from "../tensor/convert.js";
import { arrayOf, commonDType, type DType } from "../tensor/dtype.js";
import { expectClose, jitter } from "../testing/layerProbe.js";
import { prelu } from "./activation/prelu.js";
import { relu } from "./activation/relu.js";
import { softmax } from "./activation/softmax.js";
import { attention } from "./attention/attention.js";
import { groupedQueryAttention } from "./attention/groupedQueryAttention.js";
import { multiHeadAttention } from "./attention/multiHeadAttention.js";
import { conv1d } from "./convolution/conv.js";
import { conv1dTranspose } from "./convolution/convTranspose.js";
import { depthwiseConv1d } from "./convolution/depthwise.js";
import { separableConv1d } from "./convolution/separable.js";
import { activation } from "./core/activation.js";
import { dense } from "./core/dense.js";
import { einsumDense } from "./core/einsumDense.js";
import { embedding } from "./core/embedding.js";
import { input } from "./core/input.js";
import { rescaling } from "./core/rescaling.js";
import type { Layer } from "./layer.js";
import { concatenate } from "./merging/concatenate.js";
import { dot } from "./merging/dot.js";
import { add, average, maximum, multiply, subtract } from "./merging/elementwise.js";
import { batchNormalization } from "./normalization/batchNormalization.js";
import { groupNormalization } from "./normalization/groupNormalization.js";
import { layerNormalization } from "./normalization/layerNormalization.js";
import { rmsNormalization } from "./normalization/rmsNormalization.js";
import { unitNormalization } from "./normalization/unitNormalization.js";
import { averagePooling1d, maxPooling1d } from "./pooling/pool.js";
import { globalAveragePooling1d, globalMaxPooling1d } from "./pooling/globalPool.js";
import { gru } from "./recurrent/gru.js";
import { lstmCell } from "./recurrent/lstm.js";
import { rnn } from "./recurrent/rnn.js";
import { centerCrop } from "./shape/centerCrop.js";
import { flatten } from "./shape/flatten.js";
import { bidirectional } from "./wrappers/bidirectional.js";
import { timeDistributed } from "./wrappers/timeDistributed.js";

const VALUES = [3, 0, 7, 1, 2, 9, 4, 4, 1, 6, 0, 5];

function ofWhole(dtype: DType, shape: readonly number[]) {
  return dataTensor(arrayOf(dtype, VALUES), dtype, shape);
}

describe("whole numbers", () => {
  const layers: [string, Layer, number[]][] = [
    ["dense", dense({ units: 2 }), [3]],
    ["einsumDense", einsumDense({ equation: "abc,cd->abd", outputShape: [null, 2] }), [3, 4]],
    ["conv1d", conv1d({ filters: 2, kernelSize: 2 }), [3, 4]],
    ["conv1dTranspose", conv1dTranspose({ filters: 2, kernelSize: 2 }), [3, 4]],
    ["depthwiseConv1d", depthwiseConv1d({ kernelSize: 2 }), [3, 4]],
    ["separableConv1d", separableConv1d({ filters: 2, kernelSize: 2 }), [3, 4]],
    ["batchNormalization", batchNormalization(), [4]],
    ["layerNormalization", layerNormalization(), [4]],
    ["groupNormalization", groupNormalization({ groups: 2 }), [4]],
    ["rmsNormalization", rmsNormalization(), [4]],
    ["unitNormalization", unitNormalization(), [4]],
    ["gru", gru({ units: 2 }), [3, 2]],
    ["rnn", rnn({ cell: lstmCell({ units: 2 }) }), [3, 2]],
    ["bidirectional", bidirectional({ layer: gru({ units: 2 }) }), [3, 2]],
    ["timeDistributed", timeDistributed({ layer: dense({ units: 2 }) }), [3, 2]],
    ["attention", attention(), [3, 2]],
    ["multiHeadAttention", multiHeadAttention({ numHeads: 1, keyDim: 2 }), [3, 2]],
    ["groupedQueryAttention", groupedQueryAttention({ headDim: 2, numQueryHeads: 2, numKeyValueHeads: 1 }), [3, 2]],
    ["prelu", prelu(), [3]],
    ["relu", relu({ maxValue: 4 }), [3]],
    ["softmax", softmax(), [3]],
    ["activation", activation({ activation: "sigmoid" }), [3]],
    ["rescaling", rescaling({ scale: 0.5 }), [3]],
    ["averagePooling1d", averagePooling1d(), [3, 2]],
    ["maxPooling1d", maxPooling1d(), [3, 2]],
    ["globalAveragePooling1d", globalAveragePooling1d(), [3, 2]],
    ["centerCrop", centerCrop({ height: 1, width: 2 }), [2, 3, 1]],
    ["centerCrop of a small image", centerCrop({ height: 4, width: 4 }), [2, 3, 1]],
  ];

  it.each(layers)("are float32 to %s", async (_name, layer, sample) => {
    const shape = [VALUES.length / sample.reduce((a, b) => a * b, 1), ...sample];
    const [whole, real] = [input(sample, { dtype: "int32", name: "whole" }), input(sample, { name: "real" })];
    const model = new Model({ inputs: [whole, real], outputs: [layer(whole), layer(real)] });
    jitter(model);
    const [found, wanted] = await model.predictAll({ whole: ofWhole("int32", shape), real: ofWhole("float32", shape) });
    expect(found!.dtype).toBe("float32");
    expectClose((await found!.data()) as Float32Array, (await wanted!.data()) as Float32Array, 0);
  });

  it.each<DType>(["uint8", "int8", "int64", "bool"])("of every kind: %s", async (dtype) => {
    const x = input([2], { dtype });
    const model = new Model({ inputs: x, outputs: dense({ units: 1, kernelInitializer: "ones" })(x) });
    expect(await (await model.predict(dataTensor(arrayOf(dtype, [1, 1, 0, 1]), dtype, [2, 2]))).toArray()).toEqual([[2], [1]]);
  });

  it("stay whole where a layer does not compute with them", () => {
    const ids = input([2, 3], { dtype: "int32" });
    expect(flatten()(ids).dtype).toBe("int32");
    expect(globalMaxPooling1d()(ids).dtype).toBe("int32");
    expect(embedding({ inputDim: 10, outputDim: 2 })(ids).dtype).toBe("float32");
  });

  it("are joined with floats as floats, and among themselves as the wider ones", async () => {
    const [whole, real, byte] = [input([4], { dtype: "int32", name: "whole" }), input([4], { name: "real" }), input([4], { dtype: "uint8", name: "byte" })];
    const halves = dataTensor([0.5, 1.5, 2.5, 3.5], "float32", [1, 4]);
    const data = { whole: dataTensor([1, 2, 3, 4], "int32", [1, 4]), real: halves, byte: dataTensor([200, 0, 1, 2], "uint8", [1, 4]) };
    const pairs = [add(), subtract(), multiply(), maximum(), concatenate(), dot({ axes: 1 })].map((layer) => layer([whole, real]));
    const among = [add()([whole, byte]), average()([whole, byte])];
    const model = new Model({ inputs: [whole, real, byte], outputs: [...pairs, ...among] });
    const values = await Promise.all((await model.predictAll(data)).map((y) => y.toArray()));
    expect(values).toEqual([
      [[1.5, 3.5, 5.5, 7.5]],
      [[0.5, 0.5, 0.5, 0.5]],
      [[0.5, 3, 7.5, 14]],
      [[1, 2, 3, 4]],
      [[1, 2, 3, 4, 0.5, 1.5, 2.5, 3.5]],
      [[25]],
      [[201, 2, 4, 6]],
      [[100.5, 1, 2, 3]],
    ]);
    expect(among.map(({ dtype }) => dtype)).toEqual(["int32", "float32"]);
  });
});

it.each<[readonly DType[], DType]>([
  [["bool", "bool"], "bool"],
  [["bool", "uint8"], "uint8"],
  [["uint8", "int8"], "int32"],
  [["uint32", "uint8"], "uint32"],
  [["uint32", "int8"], "int64"],
  [["int64", "bool"], "int64"],
  [["int64", "float32"], "float32"],
  [["float64", "float64"], "float64"],
])("the dtype that holds %s is %s", (dtypes, wanted) => {
  expect(commonDType(dtypes)).toBe(wanted);
});
