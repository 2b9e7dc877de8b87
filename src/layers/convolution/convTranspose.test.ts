import { describe, expect, it } from "vitest";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { conv1dTranspose, conv2dTranspose, conv3dTranspose } from "./convTranspose.js";

// ONNX Runtime convolves in float32 only.
const differences = "float32";

layerTest((extra) => conv1dTranspose({ filters: 3, kernelSize: 3, strides: 2, outputPadding: 1, activation: "tanh", ...extra }), [{ shape: [3, 2] }], {
  output: [8, 3],
  weights: { kernel: [3, 3, 2], bias: [3] },
  refused: [[[3, 3]], [[3]]],
  differences,
});

layerTest((extra) => conv2dTranspose({ filters: 2, kernelSize: [3, 2], strides: [2, 1], padding: "same", useBias: false, ...extra }), [{ shape: [2, 3, 2] }], {
  output: [4, 3, 2],
  weights: { kernel: [3, 2, 2, 2] },
  refused: [[[2, 3, 1]], [[2, 3]]],
  differences,
});

layerTest((extra) => conv3dTranspose({ filters: 2, kernelSize: 2, dataFormat: "channelsFirst", ...extra }), [{ shape: [2, 1, 2, 2] }], {
  output: [2, 2, 3, 3],
  weights: { kernel: [2, 2, 2, 2, 2], bias: [2] },
  refused: [[[3, 1, 2, 2]]],
  differences,
});

describe("outputPadding", () => {
  it.each([[2, 2], [2, -1], [1, 1], [2, 0.5]])("for stride %d must not be %d", (strides, outputPadding) => {
    const error = mistake(() => conv1dTranspose({ filters: 1, kernelSize: 3, strides, outputPadding }));
    expect(error.where).toBe("conv1DTranspose, option outputPadding");
  });
});
