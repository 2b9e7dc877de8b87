import { layers, sequential } from "nacre";
import type { Workload } from "../workload.js";

/** A sequence of 64 x 32 features → LSTM 128, last state → 10. */
export const lstm: Workload = {
  name: "lstm",
  batch: 64,
  inputs: [{ name: "x", shape: [64, 32], values: "normal" }],
  label: { shape: [], values: { below: 10 } },
  loss: "softmax",
  parameters: 83_722,
  build: () => sequential([layers.input([64, 32], { name: "x" }), layers.lstm({ units: 128 }), layers.dense({ units: 10 })]),
};
