import { layers, Model } from "nacre";
import type { Workload } from "../workload.js";

type Symbolic = ReturnType<typeof layers.input>;

const relu = (x: Symbolic): Symbolic => layers.activation({ activation: "relu" })(x);

function convolution(x: Symbolic, filters: number, kernelSize: number, strides: number): Symbolic {
  const y = layers.conv2d({ filters, kernelSize, strides, padding: "same", useBias: false })(x);
  return layers.batchNormalization()(y);
}

function block(x: Symbolic, filters: number, strides: number): Symbolic {
  const y = convolution(relu(convolution(x, filters, 3, strides)), filters, 3, 1);
  const shortcut = strides === 1 ? x : convolution(x, filters, 1, strides);
  return relu(layers.add()([y, shortcut]));
}

/**
 * ResNet-20 for images of 32x32x3: conv 16 3x3, then three stages of three blocks with 16, 32 and
 * 64 filters, stride 2 and a 1x1 shortcut between stages, global average, 10. Batch normalization
 * after every convolution, which has no bias.
 */
export const resnet20: Workload = {
  name: "resnet20",
  batch: 64,
  inputs: [{ name: "x", shape: [32, 32, 3], values: "normal" }],
  label: { shape: [], values: { below: 10 } },
  loss: "softmax",
  parameters: 272_474,
  build: () => {
    const inputs = layers.input([32, 32, 3], { name: "x" });
    let x = relu(convolution(inputs, 16, 3, 1));
    for (const filters of [16, 32, 64]) {
      for (let i = 0; i < 3; i++) x = block(x, filters, i === 0 && filters > 16 ? 2 : 1);
    }
    return new Model({ inputs, outputs: layers.dense({ units: 10 })(layers.globalAveragePooling2d()(x)) });
  },
};
