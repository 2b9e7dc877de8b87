import { layers, sequential } from "nacre";
import type { Workload } from "../workload.js";

/** 13 → 64 relu → 64 relu → 10. */
export const mlpSmall: Workload = {
  name: "mlp-small",
  batch: 32,
  inputs: [{ name: "x", shape: [13], values: "normal" }],
  label: { shape: [], values: { below: 10 } },
  loss: "softmax",
  parameters: 5706,
  build: () =>
    sequential([
      layers.input([13], { name: "x" }),
      layers.dense({ units: 64, activation: "relu" }),
      layers.dense({ units: 64, activation: "relu" }),
      layers.dense({ units: 10 }),
    ]),
};
