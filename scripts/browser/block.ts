import { type EngineOptions, type Tensor, jit, ops, tensor, valueAndGrad } from "nacre";
import { chooseEngine } from "./digits.js";

/** A few steps of training a transformer block. */
export interface BlockResult {
  readonly losses: readonly number[];
  /** All weights after the last step, by name. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
  /** Where an input is positive; booleans, which a GPU does not hold. */
  readonly positive: readonly number[];
}

type Weights = Readonly<Record<keyof typeof SHAPES, Tensor>>;

const [BATCH, STEPS, WIDTH, HEADS] = [2, 6, 8, 2];
const RATE = 0.1;

const SHAPES = {
  query: [WIDTH, WIDTH],
  key: [WIDTH, WIDTH],
  value: [WIDTH, WIDTH],
  scale: [WIDTH],
  offset: [WIDTH],
  up: [WIDTH, 4 * WIDTH],
  bias: [4 * WIDTH],
  down: [4 * WIDTH, WIDTH],
} as const;

/** Trains attention by plain ops, layer normalization and two dense layers on fixed numbers. */
export async function trainBlock(options: EngineOptions): Promise<BlockResult> {
  chooseEngine(options);
  let weights = Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape], i) => [name, wave(shape, i + 1)]),
  ) as unknown as Weights;
  const [x, target] = [wave([BATCH, STEPS, WIDTH], 20), wave([BATCH, STEPS, WIDTH], 30)];
  const step = jit(
    (before: Weights, input: Tensor, wanted: Tensor) => {
      const loss = (w: Weights): Tensor => block(w, input).sub(wanted).square().mean();
      const { value, grad } = valueAndGrad(loss)(before);
      const after = Object.entries(before).map(([name, w]) => [name, w.sub(grad[name as keyof Weights].mul(RATE))]);
      return { loss: value, after: Object.fromEntries(after) as Weights };
    },
    { donate: [0] },
  );
  const losses: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { loss, after } = await step(weights, x, target);
    losses.push(await loss.item());
    weights = after;
  }
  const values = Object.entries(weights).map(async ([name, w]) => [name, [...((await w.data()) as Float32Array)]] as const);
  const positive = [...((await x.greater(0).data()) as Uint8Array)];
  return { losses, weights: Object.fromEntries(await Promise.all(values)), positive };
}

function block(w: Weights, x: Tensor): Tensor {
  // [batch, heads, steps, width of a head]
  const heads = (h: Tensor): Tensor => h.reshape([BATCH, STEPS, HEADS, WIDTH / HEADS]).transpose([0, 2, 1, 3]);
  const [q, k, v] = [heads(x.matmul(w.query)), heads(x.matmul(w.key)), heads(x.matmul(w.value))];
  const scores = q.matmul(k.transpose([0, 1, 3, 2])).div(Math.sqrt(WIDTH / HEADS));
  const mixed = ops.softmax(scores).matmul(v).transpose([0, 2, 1, 3]).reshape([BATCH, STEPS, WIDTH]);
  const h = ops.layerNorm(x.add(mixed), w.scale, w.offset);
  return h.add(ops.relu(h.matmul(w.up).add(w.bias)).matmul(w.down));
}

/** Numbers between -1/2 and 1/2 that are all different and the same everywhere. */
function wave(shape: readonly number[], phase: number): Tensor {
  const length = shape.reduce((product, dim) => product * dim, 1);
  return tensor(Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + phase) / 2)).reshape([...shape]);
}
