import { layerTest } from "../../testing/layerTest.js";
import { dense } from "./dense.js";

layerTest((extra) => dense({ units: 3, activation: "tanh", ...extra }), [{ shape: [4] }], {
  output: [3],
  weights: { kernel: [4, 3], bias: [3] },
  refused: [[[5]], [[2, 5]]],
});

layerTest((extra) => dense({ units: 2, useBias: false, ...extra }), [{ shape: [3, 4] }], {
  title: "Dense on sequences, without bias",
  output: [3, 2],
  weights: { kernel: [4, 2] },
  refused: [[[3, 3]]],
});
