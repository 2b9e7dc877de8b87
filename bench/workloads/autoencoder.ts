import { layers, sequential } from "nacre";
import type { Workload } from "../workload.js";

/** 784 → 128 relu → 32 relu → 128 relu → 784, against its input, which lies from 0 to 1. */
export const autoencoder: Workload = {
  name: "autoencoder",
  batch: 256,
  inputs: [{ name: "x", shape: [784], values: "uniform" }],
  label: "input",
  loss: "sigmoid",
  parameters: 209_968,
  build: () =>
    sequential([
      layers.input([784], { name: "x" }),
      layers.dense({ units: 128, activation: "relu" }),
      layers.dense({ units: 32, activation: "relu" }),
      layers.dense({ units: 128, activation: "relu" }),
      layers.dense({ units: 784 }),
    ]),
};
