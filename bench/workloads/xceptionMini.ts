import { layers, Model } from "nacre";
import type { Workload } from "../workload.js";

type Symbolic = ReturnType<typeof layers.input>;

function separable(x: Symbolic, filters: number): Symbolic {
  const y = layers.activation({ activation: "relu" })(layers.batchNormalization()(x));
  return layers.separableConv2d({ filters, kernelSize: 3, padding: "same", useBias: false })(y);
}

function block(x: Symbolic, filters: number): Symbolic {
  const y = separable(separable(x, filters), filters);
  const pooled = layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" })(y);
  const shortcut = layers.conv2d({ filters, kernelSize: 1, strides: 2, padding: "same", useBias: false })(x);
  return layers.add()([pooled, shortcut]);
}

/**
 * 64x64x3 → conv 32 5x5 → three blocks of 32, 64 and 128 filters: twice [batch normalization, relu,
 * separable conv 3x3], max pool 3 stride 2, plus a shortcut of conv 1x1 stride 2 → global average →
 * 2. No convolution has a bias; the first is not padded.
 */
export const xceptionMini: Workload = {
  name: "xception-mini",
  batch: 16,
  inputs: [{ name: "x", shape: [64, 64, 3], values: "normal" }],
  label: { shape: [], values: { below: 2 } },
  loss: "softmax",
  parameters: 50_562,
  build: () => {
    const inputs = layers.input([64, 64, 3], { name: "x" });
    let x: Symbolic = layers.conv2d({ filters: 32, kernelSize: 5, useBias: false })(inputs);
    for (const filters of [32, 64, 128]) x = block(x, filters);
    return new Model({ inputs, outputs: layers.dense({ units: 2 })(layers.globalAveragePooling2d()(x)) });
  },
};
