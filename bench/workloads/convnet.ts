import { layers, sequential } from "nacre";
import type { Workload } from "../workload.js";

/** 28x28x1 → conv 32 3x3 relu → max pool 2 → conv 64 3x3 relu → max pool 2 → flatten → 10. */
export const convnet: Workload = {
  name: "convnet",
  batch: 128,
  inputs: [{ name: "x", shape: [28, 28, 1], values: "normal" }],
  label: { shape: [], values: { below: 10 } },
  loss: "softmax",
  parameters: 34826,
  build: () =>
    sequential([
      layers.input([28, 28, 1], { name: "x" }),
      layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
      layers.maxPooling2d(),
      layers.conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 10 }),
    ]),
};
