import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { input } from "../core/input.js";
import { cropping1d, cropping2d, cropping3d } from "./cropping.js";
import { zeroPadding1d, zeroPadding2d, zeroPadding3d } from "./zeroPadding.js";

layerTest((extra) => zeroPadding1d({ padding: [2, 0], ...extra }), [{ shape: [2, 3] }], { output: [4, 3], refused: [[[2]]] });
layerTest((extra) => zeroPadding2d({ padding: [1, 2], dataFormat: "channelsFirst", ...extra }), [{ shape: [1, 2, 2] }], { output: [1, 4, 6], refused: [[[2, 2]]] });
layerTest((extra) => zeroPadding3d(extra), [{ shape: [1, 1, 2, 2] }], { output: [3, 3, 4, 2], refused: [[[1, 1, 2]]] });
layerTest((extra) => cropping1d({ cropping: [2, 0], ...extra }), [{ shape: [4, 2] }], { output: [2, 2], refused: [[[2, 2]], [[4]]] });
layerTest((extra) => cropping2d({ cropping: 1, dataFormat: "channelsFirst", ...extra }), [{ shape: [2, 3, 4] }], { output: [2, 1, 2], refused: [[[2, 2, 4]]] });
layerTest((extra) => cropping3d({ cropping: [[1, 0], [0, 1], [1, 1]], ...extra }), [{ shape: [2, 2, 3, 2] }], { output: [1, 1, 1, 2], refused: [[[2, 2, 2, 2]]] });

describe("borders", () => {
  const image = [[[[1], [2], [3]], [[4], [5], [6]]]];

  it.each([
    [zeroPadding2d({ padding: [[1, 0], [0, 2]] }), [[0, 0, 0, 0, 0], [1, 2, 3, 0, 0], [4, 5, 6, 0, 0]]],
    [zeroPadding2d({ padding: [0, 1] }), [[0, 1, 2, 3, 0], [0, 4, 5, 6, 0]]],
    [cropping2d({ cropping: [[1, 0], [0, 1]] }), [[4, 5]]],
    [cropping2d(), [[1, 2, 3], [4, 5, 6]]],
  ])("%s has the right place", async (layer, rows) => {
    const wanted = [rows.map((row) => row.map((value) => [value]))];
    expect(await (await sequential([input([2, 3, 1]), layer]).predict(image)).toArray()).toEqual(wanted);
  });

  it.each([[-1], [1.5], [[1, 2, 3]], [[[1, 2]]], [[[1], [2]]], ["1"]])("refuses %j", (sides) => {
    expect(mistake(() => zeroPadding2d({ padding: sides as never }))).toMatchObject({ code: "BAD_ARGUMENT", where: "zeroPadding2D, option padding" });
    expect(mistake(() => cropping2d({ cropping: sides as never })).where).toBe("cropping2D, option cropping");
  });
});
