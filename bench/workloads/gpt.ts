import { layers, Model } from "nacre";
import type { Workload } from "../workload.js";
import { transformer, transformerParameters, type TransformerSizes } from "./transformer.js";

/** Decoder-only, the next token at every position; the head is a dense layer of its own, with a bias. */
function gpt(name: string, batch: number, sizes: TransformerSizes): Workload {
  const { length, vocabulary, width } = sizes;
  return {
    name,
    batch,
    inputs: [{ name: "ids", shape: [length], values: { below: vocabulary } }],
    label: { shape: [length], values: { below: vocabulary } },
    loss: "softmax",
    parameters: transformerParameters(sizes) + (width + 1) * vocabulary,
    build: () => {
      const inputs = layers.input([length], { name: "ids", dtype: "int32" });
      return new Model({ inputs, outputs: layers.dense({ units: vocabulary })(transformer(inputs, sizes)) });
    },
  };
}

/** 4 layers, 4 heads, width 128, context 64, vocabulary 65, learned positions, tanh-GELU, MLP 4x. */
export const gptNano = gpt("gpt-nano", 12, { layers: 4, heads: 4, width: 128, length: 64, vocabulary: 65, causal: true });

/** The same with 6 layers, 6 heads, width 384, context 256. */
export const gptMid = gpt("gpt-mid", 4, { layers: 6, heads: 6, width: 384, length: 256, vocabulary: 65, causal: true });
