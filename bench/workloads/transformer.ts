import { activations, defineLayer, initializers, layers, ops, type Tensor } from "nacre";

type Symbolic = ReturnType<typeof layers.input>;

/** Sizes of a transformer; each block's inner dense layer is four times as wide. */
export interface TransformerSizes {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly length: number;
  readonly vocabulary: number;
  readonly causal: boolean;
}

/** Adds a trained vector to each position. [B,T,D] → [B,T,D] */
const positions = defineLayer({
  className: "BenchPositions",
  defaults: {},
  build: ({ addWeight }, shape) => ({
    table: addWeight("table", {
      shape: shape.slice(1) as number[],
      initializer: initializers.randomNormal({ stddev: 0.02 }),
    }),
  }),
  call: ({ weights }, x) => x.add(weights.table),
});

/** Scaled dot-product attention of several heads over queries, keys and values side by side. [B,T,3·D] → [B,T,D] */
const attend = defineLayer({
  className: "BenchAttend",
  defaults: { heads: 1, causal: false },
  call: ({ config }, joined) => {
    const [batch, length] = joined.shape as [number, number];
    const [q, k, v] = ops.split(joined, 3, -1).map((part) => {
      const depth = (part.shape[2] as number) / config.heads;
      return part.reshape([batch, length, config.heads, depth]).transpose([0, 2, 1, 3]); // [B,H,T,d]
    }) as [Tensor, Tensor, Tensor];
    const scores = q.matmul(ops.matrixTranspose(k)).mul(1 / Math.sqrt(q.shape[3] as number)); // [B,H,T,T]
    const seen = config.causal ? ops.where(ops.bandMask(length, length, { to: 0 }), scores, -1e9) : scores;
    return ops.softmax(seen).matmul(v).transpose([0, 2, 1, 3]).reshape([batch, length, (joined.shape[2] as number) / 3]);
  },
});

function block(x: Symbolic, { heads, width, causal }: TransformerSizes): Symbolic {
  const normal = (y: Symbolic): Symbolic => layers.layerNormalization({ epsilon: 1e-5 })(y);
  const joined = layers.dense({ units: 3 * width })(normal(x));
  const attended = layers.dense({ units: width })(attend({ heads, causal })(joined));
  const y = layers.add()([x, attended]);
  const inner = layers.dense({ units: 4 * width })(normal(y));
  const active = layers.activation({ activation: tanhGelu })(inner);
  return layers.add()([y, layers.dense({ units: width })(active)]);
}

const tanhGelu = (x: Tensor): Tensor => activations.gelu(x, { approximate: true });

/** Pre-norm blocks over embedded ids with learned positions, and a last layer normalization. [B,T] → [B,T,D] */
export function transformer(ids: Symbolic, sizes: TransformerSizes): Symbolic {
  const { layers: depth, width, vocabulary } = sizes;
  let x = positions()(layers.embedding({ inputDim: vocabulary, outputDim: width })(ids));
  for (let i = 0; i < depth; i++) x = block(x, sizes);
  return layers.layerNormalization({ epsilon: 1e-5 })(x);
}

/** Trained numbers of {@link transformer}. */
export function transformerParameters({ layers: depth, width, length, vocabulary }: TransformerSizes): number {
  const perBlock = 4 * (width * width + width) + (8 * width * width + 5 * width) + 4 * width;
  return (vocabulary + length) * width + depth * perBlock + 2 * width;
}
