import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { input } from "../core/input.js";
import { conv1d, conv2d, conv3d } from "./conv.js";

// ONNX Runtime convolves in float32 only.
const differences = "float32";

layerTest((extra) => conv2d({ filters: 2, kernelSize: [3, 2], padding: "same", activation: "tanh", ...extra }), [{ shape: [4, 3, 2] }], {
  output: [4, 3, 2],
  weights: { kernel: [3, 2, 2, 2], bias: [2] },
  refused: [[[4, 3, 3]], [[4, 3]], [[4, 3, 2, 2]]],
  differences,
});

layerTest((extra) => conv2d({ filters: 2, kernelSize: 2, strides: 2, padding: "same", useBias: false, ...extra }), [{ shape: [3, 5, 2] }], {
  title: "Conv2D with strides and asymmetric padding, without bias",
  output: [2, 3, 2],
  weights: { kernel: [2, 2, 2, 2] },
  refused: [[[3, 5, 1]]],
  differences,
});

layerTest((extra) => conv2d({ filters: 4, kernelSize: 2, groups: 2, dilationRate: 2, ...extra }), [{ shape: [4, 4, 2] }], {
  title: "Conv2D, dilated, in groups",
  output: [2, 2, 4],
  weights: { kernel: [2, 2, 1, 4], bias: [4] },
  refused: [[[4, 4, 4]], [[2, 4, 2]]],
  differences,
});

layerTest((extra) => conv2d({ filters: 2, kernelSize: 2, dataFormat: "channelsFirst", ...extra }), [{ shape: [2, 4, 3] }], {
  title: "Conv2D, channels first",
  output: [2, 3, 2],
  weights: { kernel: [2, 2, 2, 2], bias: [2] },
  refused: [[[3, 4, 3]]],
  differences,
});

layerTest((extra) => conv1d({ filters: 2, kernelSize: 2, padding: "causal", dilationRate: 2, activation: "tanh", ...extra }), [{ shape: [5, 2] }], {
  title: "Conv1D, causal",
  output: [5, 2],
  weights: { kernel: [2, 2, 2], bias: [2] },
  refused: [[[5, 3]], [[5]]],
  differences,
});

layerTest((extra) => conv3d({ filters: 2, kernelSize: 2, strides: [2, 1, 1], padding: "same", ...extra }), [{ shape: [3, 2, 2, 2] }], {
  output: [2, 2, 2, 2],
  weights: { kernel: [2, 2, 2, 2, 2], bias: [2] },
  refused: [[[3, 2, 2, 3]], [[3, 2, 2]]],
  differences,
});

describe("Conv2D", () => {
  it("correlates, by a sum worked out by hand", async () => {
    const layer = conv2d({ filters: 1, kernelSize: 2 });
    const model = sequential([input([2, 3, 1]), layer]);
    layer.variables[0]!.assign([1, 2, 3, 4]);
    layer.variables[1]!.assign([10]);
    const image = [[[[1], [2], [3]], [[4], [5], [6]]]];
    // 1·1 + 2·2 + 4·3 + 5·4 + 10, and one column further.
    expect(await (await model.predict(image)).toArray()).toEqual([[[[47], [57]]]]);
  });

  it.each([
    [{ filters: 3, kernelSize: 2, groups: 2 }, "filters"],
    [{ filters: 0, kernelSize: 2 }, "filters"],
    [{ filters: 2, kernelSize: [2, 2, 2] as never }, "kernelSize"],
    [{ filters: 2, kernelSize: 2, strides: 0 }, "strides"],
    [{ filters: 2, kernelSize: 2, padding: "sam" as never }, "padding"],
    [{ filters: 2, kernelSize: 2, dilationRate: -1 }, "dilationRate"],
  ])("refuses %j", (options, option) => {
    expect(mistake(() => conv2d(options))).toMatchObject({ code: "BAD_ARGUMENT", where: `conv2D, option ${option}` });
  });

  it("takes no causal padding beyond one dimension", () => {
    expect(mistake(() => conv2d({ filters: 1, kernelSize: 2, padding: "causal" as never })).expected).toBe('one of "valid", "same"');
  });

  it("refuses groups that do not divide the channels", () => {
    expect(mistake(() => conv2d({ filters: 2, kernelSize: 1, groups: 2 })(input([4, 4, 3])))).toMatchObject({ code: "BAD_ARGUMENT" });
  });
});
