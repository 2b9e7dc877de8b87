import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { mistake } from "../../testing/layerProbe.js";
import "../../testing/engine.js";
import { dense } from "./dense.js";
import { input } from "./input.js";

describe("input", () => {
  it("has a free batch axis before the shape of one sample", () => {
    expect(input([8, 8, 1])).toMatchObject({ shape: ["batch", 8, 8, 1], dtype: "float32", masked: false });
    expect(input([], { dtype: "int32" })).toMatchObject({ shape: ["batch"], dtype: "int32" });
  });

  it("names the column of the data", () => {
    const [age, size] = [input([1], { name: "age" }), input([2])];
    const model = new Model({ inputs: [age, size], outputs: [dense({ units: 1 })(age), dense({ units: 1 })(size)] });
    expect(model.inputNames).toEqual(["age", "input"]);
  });

  it("may leave the size of axes open", () => {
    expect(input(["time", 3]).shape).toEqual(["batch", "time", 3]);
    const [one, other] = [input([null, 3]), input([null, 3])];
    expect(one.shape[1]).toMatch(/^free\d+$/);
    expect(other.shape[1]).not.toBe(one.shape[1]);
    for (const name of ["", "2*n", "a b"]) expect(mistake(() => input([name]))).toMatchObject({ code: "BAD_ARGUMENT" });
  });

  it.each([[[0]], [[2.5]], [[-1]], [[Number.NaN]], ["4"]])("refuses the shape %j", (shape) => {
    const error = mistake(() => input(shape as number[], { name: "age" }));
    expect(error).toMatchObject({ code: "BAD_ARGUMENT", where: 'input "age"' });
  });
});
