import { defineLayer, initializers, layers, ops, sequential, type Tensor } from "nacre";
import type { Workload } from "../workload.js";

const UNITS = 128;

/** The last state of an LSTM, unrolled; gates in the order input, forget, cell, output. [B,T,C] → [B,units] */
const lastState = defineLayer({
  className: "BenchLstm",
  defaults: {},
  build: ({ addWeight }, shape) => ({
    kernel: addWeight("kernel", {
      shape: [shape[2] as number, 4 * UNITS],
      initializer: initializers.glorotUniform(),
    }),
    recurrent: addWeight("recurrent", { shape: [UNITS, 4 * UNITS], initializer: initializers.orthogonal() }),
    bias: addWeight("bias", { shape: [4 * UNITS], initializer: initializers.zeros() }),
  }),
  call: ({ weights }, x) => {
    let hidden: Tensor | undefined;
    let cell: Tensor | undefined;
    for (const projected of ops.unstack(x.matmul(weights.kernel).add(weights.bias), 1)) {
      const sums = hidden === undefined ? projected : projected.add(hidden.matmul(weights.recurrent));
      const [input, forget, fresh, output] = ops.split(sums, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
      const added = input.sigmoid().mul(fresh.tanh());
      cell = cell === undefined ? added : forget.sigmoid().mul(cell).add(added);
      hidden = output.sigmoid().mul(cell.tanh());
    }
    return hidden!;
  },
});

/** A sequence of 64 x 32 features → LSTM 128, last state → 10. */
export const lstm: Workload = {
  name: "lstm",
  batch: 64,
  inputs: [{ name: "x", shape: [64, 32], values: "normal" }],
  label: { shape: [], values: { below: 10 } },
  loss: "softmax",
  parameters: 83_722,
  build: () => sequential([layers.input([64, 32], { name: "x" }), lastState(), layers.dense({ units: 10 })]),
};
