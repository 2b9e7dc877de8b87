import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { input } from "./input.js";
import { rescaling } from "./rescaling.js";

layerTest((extra) => rescaling({ scale: 0.5, offset: -1, ...extra }), [{ shape: [4, 2] }], { output: [4, 2], refused: [] });

describe("Rescaling", () => {
  it("gives x · scale + offset", async () => {
    const model = sequential([input([3]), rescaling({ scale: 0.5, offset: 1 })]);
    expect(await (await model.predict([[0, 1, -4]])).toArray()).toEqual([[1, 1.5, -1]]);
  });

  it("takes one number for each channel, also of whole numbers", async () => {
    const model = sequential([input([2, 2], { dtype: "int32" }), rescaling({ scale: [0.5, 2], offset: [1, -1] })]);
    expect(await (await model.predict({ data: Int32Array.of(0, 1, 2, 3), shape: [1, 2, 2] })).toArray()).toEqual([[[1, 1], [2, 5]]]);
  });

  it("makes numbers of pixels", async () => {
    const model = sequential([input([2], { dtype: "uint8" }), rescaling({ scale: 1 / 255, offset: -0.5 })]);
    expect(await (await model.predict({ data: Uint8Array.of(0, 255), shape: [1, 2] })).toArray()).toEqual([[-0.5, 0.5]]);
  });

  it("asks for the scale", () => {
    expect(mistake(() => rescaling({} as never))).toMatchObject({ code: "BAD_ARGUMENT", where: "rescaling, option scale" });
  });
});
