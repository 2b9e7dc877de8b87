import { describe, expect, it } from "vitest";
import "../../ops/methods.js";
import { fromBytes } from "../../models/load.js";
import { Model } from "../../models/model.js";
import { sequential } from "../../models/sequential.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { input } from "./input.js";
import { lambda, registerLambda } from "./lambda.js";

registerLambda("squareForTest", (x) => x.square());

layerTest((extra) => lambda({ function: "squareForTest", ...extra }), [{ shape: [4] }], { output: [4], refused: [] });

describe("Lambda", () => {
  it("applies a function of one input or several", async () => {
    const [a, b] = [input([2]), input([2])];
    const model = new Model({ inputs: [a, b], outputs: lambda({ function: (x, y) => x.mul(y!).add(1) })([a, b]) });
    const [left, right] = model.inputNames as [string, string];
    expect(await (await model.predict({ [left]: [[2, 3]], [right]: [[4, 5]] })).toArray()).toEqual([[9, 16]]);
  });

  it("is saved by the name of its function, and not without one", async () => {
    const model = sequential([input([2]), lambda({ function: "squareForTest" })]);
    expect(await (await (await fromBytes(await model.toBytes())).predict([[2, 3]])).toArray()).toEqual([[4, 9]]);
    const nameless = sequential([input([2]), lambda({ function: (x) => x.square() })]);
    await expect(nameless.toBytes()).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("refuses unknown names, taken names and other values", () => {
    expect(mistake(() => lambda({ function: "squareForTset" }))).toMatchObject({ code: "UNKNOWN_NAME", fix: 'did you mean "squareForTest"?' });
    expect(mistake(() => registerLambda("squareForTest", (x) => x)).code).toBe("BAD_ARGUMENT");
    expect(mistake(() => lambda({ function: 3 as never })).where).toBe("lambda, option function");
  });
});
