import { describe, expect, it } from "vitest";
import * as activations from "../../activations/index.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { activation } from "./activation.js";

for (const name of activations.names()) {
  layerTest((extra) => activation({ activation: activations.get(name), ...extra }), [{ shape: [4, 4] }], {
    title: `Activation ${name}`,
    output: name === "glu" ? [4, 2] : [4, 4],
    refused: name === "glu" ? [[[4, 5]]] : [],
    // ONNX Runtime has no Erf of float64.
    differences: name === "gelu" ? "float32" : "float64",
  });
}

describe("Activation", () => {
  it("asks for the activation, and names the nearest to an unknown one", () => {
    expect(mistake(() => activation({} as never))).toMatchObject({ code: "BAD_ARGUMENT", where: "activation, option activation" });
    expect(mistake(() => activation({ activation: "rellu" as never }))).toMatchObject({ code: "UNKNOWN_NAME", fix: 'did you mean "relu"?' });
  });
});
