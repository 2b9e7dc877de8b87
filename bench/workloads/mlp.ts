import { layers, sequential } from "nacre";
import type { Workload } from "../workload.js";

/** 784 → 512 relu → 512 relu → 10. */
export const mlp: Workload = {
  name: "mlp",
  batch: 128,
  inputs: [{ name: "x", shape: [784], values: "normal" }],
  label: { shape: [], values: { below: 10 } },
  loss: "softmax",
  parameters: 669706,
  build: () =>
    sequential([
      layers.input([784], { name: "x" }),
      layers.dense({ units: 512, activation: "relu" }),
      layers.dense({ units: 512, activation: "relu" }),
      layers.dense({ units: 10 }),
    ]),
};
