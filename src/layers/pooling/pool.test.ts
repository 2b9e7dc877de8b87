import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { input } from "../core/input.js";
import { globalAveragePooling2d, globalMaxPooling2d } from "./globalPool.js";
import { averagePooling2d, maxPooling2d } from "./pool.js";

for (const make of [maxPooling2d, averagePooling2d]) {
  const { className } = make();
  // ONNX Runtime averages in float32 only.
  const differences = make === averagePooling2d ? "float32" : "float64";

  layerTest((extra) => make(extra), [{ shape: [5, 4, 2] }], { output: [2, 2, 2], refused: [[[5, 4]], [[1, 4, 2]]], differences });

  layerTest((extra) => make({ poolSize: [3, 2], strides: [2, 1], padding: "same", ...extra }), [{ shape: [5, 4, 2] }], {
    title: `${className}, overlapping, padded`,
    output: [3, 4, 2],
    refused: [[[5, 4]]],
    differences,
  });

  layerTest((extra) => make({ dataFormat: "channelsFirst", ...extra }), [{ shape: [2, 4, 4] }], {
    title: `${className}, channels first`,
    output: [2, 2, 2],
    refused: [[[2, 4]]],
    differences,
  });

  it(`${className} refuses a window of size 0 and another padding`, () => {
    expect(mistake(() => make({ poolSize: 0 })).where).toMatch(/option poolSize$/);
    expect(mistake(() => make({ padding: "full" as never })).where).toMatch(/option padding$/);
  });
}

for (const make of [globalMaxPooling2d, globalAveragePooling2d]) {
  const { className } = make();

  layerTest((extra) => make(extra), [{ shape: [3, 3, 4] }], { output: [4], refused: [[[3, 4]]] });

  layerTest((extra) => make({ dataFormat: "channelsFirst", keepdims: true, ...extra }), [{ shape: [3, 2, 4] }], {
    title: `${className}, channels first, axes kept`,
    output: [3, 1, 1],
    refused: [[[3, 4]]],
  });
}

describe("pooling by hand", () => {
  const image = [[[[1], [2], [3]], [[4], [5], [6]], [[7], [8], [9]]]];

  it.each([
    [maxPooling2d({ padding: "same" }), [[[[5], [6]], [[8], [9]]]]],
    // At the border only what lies inside counts.
    [averagePooling2d({ padding: "same" }), [[[[3], [4.5]], [[7.5], [9]]]]],
    [globalMaxPooling2d(), [[9]]],
    [globalAveragePooling2d({ keepdims: true }), [[[[5]]]]],
  ])("%s", async (layer, wanted) => {
    expect(await (await sequential([input([3, 3, 1]), layer]).predict(image)).toArray()).toEqual(wanted);
  });
});
