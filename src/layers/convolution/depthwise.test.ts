import { describe, expect, it } from "vitest";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { depthwiseConv1d, depthwiseConv2d } from "./depthwise.js";
import { separableConv1d, separableConv2d } from "./separable.js";

// ONNX Runtime convolves in float32 only.
const differences = "float32";

layerTest((extra) => depthwiseConv1d({ kernelSize: 2, depthMultiplier: 2, activation: "tanh", ...extra }), [{ shape: [4, 2] }], {
  output: [3, 4],
  weights: { kernel: [2, 2, 2], bias: [4] },
  refused: [[[4, 3]], [[1, 2]], [[4]]],
  differences,
});

layerTest((extra) => depthwiseConv2d({ kernelSize: [2, 3], strides: 2, padding: "same", useBias: false, ...extra }), [{ shape: [3, 4, 2] }], {
  output: [2, 2, 2],
  weights: { kernel: [2, 3, 2, 1] },
  refused: [[[3, 4, 1]], [[3, 4]]],
  differences,
});

layerTest((extra) => separableConv1d({ filters: 3, kernelSize: 2, dilationRate: 2, depthMultiplier: 2, ...extra }), [{ shape: [4, 2] }], {
  output: [2, 3],
  weights: { depthwiseKernel: [2, 2, 2], pointwiseKernel: [1, 4, 3], bias: [3] },
  refused: [[[4, 3]], [[2, 2]], [[4]]],
  differences,
});

layerTest((extra) => separableConv2d({ filters: 2, kernelSize: 2, dataFormat: "channelsFirst", ...extra }), [{ shape: [2, 3, 3] }], {
  output: [2, 2, 2],
  weights: { depthwiseKernel: [2, 2, 2, 1], pointwiseKernel: [1, 1, 2, 2], bias: [2] },
  refused: [[[3, 3, 3]]],
  differences,
});

describe("depthMultiplier", () => {
  it.each([depthwiseConv1d, depthwiseConv2d])("must be at least 1", (make) => {
    expect(mistake(() => make({ kernelSize: 1, depthMultiplier: 0 })).where).toMatch(/, option depthMultiplier$/);
  });
});
