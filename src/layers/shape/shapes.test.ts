import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { input } from "../core/input.js";
import { flatten } from "./flatten.js";
import { permute } from "./permute.js";
import { repeatVector } from "./repeatVector.js";
import { reshape } from "./reshape.js";

layerTest((extra) => flatten(extra), [{ shape: [2, 3, 2] }], { output: [12], refused: [] });

layerTest((extra) => flatten({ dataFormat: "channelsFirst", ...extra }), [{ shape: [2, 3, 2] }], {
  title: "Flatten, channels first",
  output: [12],
  refused: [],
});

layerTest((extra) => reshape({ targetShape: [-1, 4], ...extra }), [{ shape: [2, 6] }], {
  output: [3, 4],
  refused: [[[2, 5]], [[3]]],
});

layerTest((extra) => reshape({ targetShape: [2, 2, 3], ...extra }), [{ shape: [12] }], {
  title: "Reshape without a free axis",
  output: [2, 2, 3],
  refused: [[[11]], [[12, 2]]],
});

layerTest((extra) => permute({ dims: [3, 1, 2], ...extra }), [{ shape: [2, 1, 3] }], { output: [3, 2, 1], refused: [[[2, 1]], [[2, 1, 3, 1]]] });

layerTest((extra) => repeatVector({ n: 3, ...extra }), [{ shape: [4] }], { output: [3, 4], refused: [[[2, 2]]] });

describe("Permute and RepeatVector", () => {
  it("move and repeat", async () => {
    const model = sequential([input([2]), repeatVector({ n: 3 }), permute({ dims: [2, 1] })]);
    expect(await (await model.predict([[4, 5]])).toArray()).toEqual([[[4, 4, 4], [5, 5, 5]]]);
  });

  it.each([[[]], [[0, 1]], [[1, 1]], [[2]], [[1, 3]], [undefined]])("refuse the dims %j", (dims) => {
    expect(mistake(() => permute({ dims: dims as number[] })).where).toBe("permute, option dims");
  });

  it("refuse to repeat 0 times", () => {
    expect(mistake(() => repeatVector({ n: 0 })).where).toBe("repeatVector, option n");
  });
});

describe("Flatten", () => {
  it("brings channels-first samples to channels-last order", async () => {
    const model = sequential([input([2, 1, 3]), flatten({ dataFormat: "channelsFirst" })]);
    const sample = [[[[1, 2, 3]], [[4, 5, 6]]]];
    expect(await (await model.predict(sample)).toArray()).toEqual([[1, 4, 2, 5, 3, 6]]);
  });

  it("refuses another data format", () => {
    expect(mistake(() => flatten({ dataFormat: "channels" as never })).where).toBe("flatten, option dataFormat");
  });
});

describe("Reshape", () => {
  it.each([[[-1, -1]], [[0, 4]], [[1.5]], [4], [undefined]])("refuses the target %j", (targetShape) => {
    const error = mistake(() => reshape({ targetShape: targetShape as number[] }));
    expect(error).toMatchObject({ code: "BAD_ARGUMENT", where: "reshape, option targetShape" });
  });
});
