import { layers, Model } from "nacre";
import type { Workload } from "../workload.js";
import { transformer, transformerParameters, type TransformerSizes } from "./transformer.js";

const SIZES: TransformerSizes = { layers: 4, heads: 4, width: 256, length: 128, vocabulary: 1000, causal: false };

/** Encoder-only: 4 layers, 4 heads, width 256, length 128, vocabulary 1000, mean over positions → 2. */
export const bertMini: Workload = {
  name: "bert-mini",
  batch: 16,
  inputs: [{ name: "ids", shape: [SIZES.length], values: { below: SIZES.vocabulary } }],
  label: { shape: [], values: { below: 2 } },
  loss: "softmax",
  parameters: transformerParameters(SIZES) + 2 * SIZES.width + 2,
  build: () => {
    const inputs = layers.input([SIZES.length], { name: "ids", dtype: "int32" });
    const mean = layers.globalAveragePooling1d()(transformer(inputs, SIZES));
    return new Model({ inputs, outputs: layers.dense({ units: 2 })(mean) });
  },
};
