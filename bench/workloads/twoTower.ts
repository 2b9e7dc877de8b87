import { layers, Model } from "nacre";
import type { Workload } from "../workload.js";

const IDS = 10_000;

/** Two ids → an embedding of 32 each → concatenated → 64 relu → 1. */
export const twoTower: Workload = {
  name: "two-tower",
  batch: 1024,
  inputs: [
    { name: "user", shape: [1], values: { below: IDS } },
    { name: "item", shape: [1], values: { below: IDS } },
  ],
  label: { shape: [1], values: { below: 2 } },
  loss: "sigmoid",
  parameters: 644_225,
  build: () => {
    const inputs = ["user", "item"].map((name) => layers.input([1], { name, dtype: "int32" }));
    const towers = inputs.map((id) => layers.flatten()(layers.embedding({ inputDim: IDS, outputDim: 32 })(id)));
    const hidden = layers.dense({ units: 64, activation: "relu" })(layers.concatenate()(towers));
    return new Model({ inputs, outputs: layers.dense({ units: 1 })(hidden) });
  },
};
