import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { sequential } from "../../models/sequential.js";
import { dataTensor } from "../../tensor/convert.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { embedding } from "../core/embedding.js";
import { input } from "../core/input.js";
import {
  adaptiveAveragePooling1d,
  adaptiveAveragePooling2d,
  adaptiveAveragePooling3d,
  adaptiveMaxPooling1d,
  adaptiveMaxPooling2d,
  adaptiveMaxPooling3d,
} from "./adaptivePool.js";
import {
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalAveragePooling3d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  globalMaxPooling3d,
} from "./globalPool.js";
import { averagePooling1d, averagePooling2d, averagePooling3d, maxPooling1d, maxPooling2d, maxPooling3d } from "./pool.js";

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

for (const [make, differences] of [[maxPooling1d, "float64"], [averagePooling1d, "float32"]] as const) {
  layerTest((extra) => make({ poolSize: 3, strides: 2, padding: "same", ...extra }), [{ shape: [4, 2] }], { output: [2, 2], refused: [[[4]]], differences });
}

for (const [make, differences] of [[maxPooling3d, "float64"], [averagePooling3d, "float32"]] as const) {
  layerTest((extra) => make({ strides: [1, 2, 2], ...extra }), [{ shape: [3, 2, 2, 2] }], { output: [2, 1, 1, 2], refused: [[[3, 2, 2]]], differences });
}

for (const [make, sample] of [[globalMaxPooling1d, [4, 3]], [globalAveragePooling1d, [4, 3]], [globalMaxPooling3d, [2, 2, 1, 3]], [globalAveragePooling3d, [2, 2, 1, 3]]] as const) {
  layerTest((extra) => make(extra), [{ shape: sample }], { output: [3], refused: [[[4]]] });
}

for (const [make, differences] of [[adaptiveMaxPooling1d, "float64"], [adaptiveAveragePooling1d, "float64"]] as const) {
  layerTest((extra) => make({ outputSize: 3, ...extra }), [{ shape: [5, 2] }], { output: [3, 2], refused: [[[5]]], differences });
}

for (const make of [adaptiveMaxPooling2d, adaptiveAveragePooling2d]) {
  layerTest((extra) => make({ outputSize: [2, 3], dataFormat: "channelsFirst", ...extra }), [{ shape: [2, 3, 4] }], { output: [2, 2, 3], refused: [[[2, 3]]] });
}

for (const make of [adaptiveMaxPooling3d, adaptiveAveragePooling3d]) {
  layerTest((extra) => make({ outputSize: [1, 2, 3], ...extra }), [{ shape: [2, 3, 3, 1] }], { output: [1, 2, 3, 1], refused: [[[2, 3, 3]]] });
}

it("adaptive pooling needs a size", () => {
  expect(mistake(() => adaptiveMaxPooling2d({} as never)).where).toBe("adaptiveMaxPooling2D, option outputSize");
  expect(mistake(() => adaptiveAveragePooling1d({ outputSize: 0 })).where).toBe("adaptiveAveragePooling1D, option outputSize");
});

for (const make of [globalMaxPooling2d, globalAveragePooling2d]) {
  const { className } = make();

  layerTest((extra) => make(extra), [{ shape: [3, 3, 4] }], { output: [4], refused: [[[3, 4]]] });

  layerTest((extra) => make({ dataFormat: "channelsFirst", keepdims: true, ...extra }), [{ shape: [3, 2, 4] }], {
    title: `${className}, channels first, axes kept`,
    output: [3, 1, 1],
    refused: [[[3, 4]]],
  });
}

describe("GlobalAveragePooling1D", () => {
  it.each([
    ["channelsLast", [[4, 20]]],
    // Of two channels the first one's steps 1 and 10 count, the second one's 3 and 30.
    ["channelsFirst", [[5.5, 16.5]]],
  ] as const)("leaves masked steps out, %s", async (dataFormat, wanted) => {
    const ids = input([dataFormat === "channelsLast" ? 3 : 2], { dtype: "int32" });
    const table = embedding({ inputDim: 3, outputDim: 2, maskZero: true });
    const model = new Model({ inputs: ids, outputs: globalAveragePooling1d({ dataFormat })(table(ids)) });
    // Steps [1, 10] and [3, 30]; a masked step has the row of id 0.
    table.variables[0]!.assign(dataFormat === "channelsLast" ? [100, 100, 1, 10, 7, 30] : [100, 100, 1, 10, 3, 30]);
    const data = dataFormat === "channelsLast" ? dataTensor([[1, 0, 2]], "int32") : dataTensor([[1, 2]], "int32");
    expect(await (await model.predict(data)).toArray()).toEqual(wanted);
  });
});

describe("pooling by hand", () => {
  const image = [[[[1], [2], [3]], [[4], [5], [6]], [[7], [8], [9]]]];

  it.each([
    [maxPooling2d({ padding: "same" }), [[[[5], [6]], [[8], [9]]]]],
    // At the border only what lies inside counts.
    [averagePooling2d({ padding: "same" }), [[[[3], [4.5]], [[7.5], [9]]]]],
    // Rows 0 to 1 and 1 to 2, columns alike.
    [adaptiveAveragePooling2d({ outputSize: 2 }), [[[[3], [4]], [[6], [7]]]]],
    [adaptiveMaxPooling2d({ outputSize: [2, 1] }), [[[[6]], [[9]]]]],
    [globalMaxPooling2d(), [[9]]],
    [globalAveragePooling2d({ keepdims: true }), [[[[5]]]]],
  ])("%s", async (layer, wanted) => {
    expect(await (await sequential([input([3, 3, 1]), layer]).predict(image)).toArray()).toEqual(wanted);
  });
});
