import { describe, expect, it } from "vitest";
import * as layers from "../layers/index.js";
import type { Layer } from "../layers/layer.js";
import { dataTensor } from "../tensor/convert.js";
import "../testing/engine.js";
import { floats, jitter, mistake } from "../testing/layerProbe.js";
import { fromBytes } from "./load.js";
import { Model } from "./model.js";
import { sequential } from "./sequential.js";

/** Two inputs, a recurrent layer that begins with the second, and its output and state. */
function recall(): Model {
  const [x, h] = [layers.input([3, 2]), layers.input([2])];
  const outputs = layers.gru({ units: 2, returnState: true, returnSequences: true })(x, { initialState: h });
  return new Model({ inputs: [x, h], outputs, name: "recall" });
}

function build(): { model: Model; inner: Model } {
  const inner = recall();
  const [x, h] = [layers.input([3, 2], { name: "x" }), layers.input([2], { name: "h" })];
  const [steps, state] = inner.callAll([x, h]);
  const [again] = inner.callAll([steps!, state!]);
  const pooled = sequential([layers.input([3, 2]), layers.flatten(), layers.dense({ units: 1 })], { name: "head" });
  return { model: new Model({ inputs: [x, h], outputs: [pooled(again!), state!] }), inner };
}

const data = { x: dataTensor(floats(12, 1), "float32", [2, 3, 2]), h: dataTensor(floats(4, 2), "float32", [2, 2]) };

describe("a model inside a model", () => {
  it("gives all its outputs, and shares its weights between its uses", async () => {
    const { model } = build();
    expect(model.outputs.map(({ shape }) => shape)).toEqual([["batch", 1], ["batch", 2]]);
    expect(model.variables.map((variable) => model.pathOf(variable))).toEqual([
      ...["kernel", "recurrent_kernel", "bias"].map((name) => `recall/gru/gru_cell/${name}`),
      ...["kernel", "bias"].map((name) => `head/dense/${name}`),
    ]);
  });

  it("computes what its layers compute", async () => {
    const { model, inner } = build();
    jitter(model);
    const names = inner.inputNames;
    const first = await inner.predictAll({ [names[0]!]: data.x, [names[1]!]: data.h });
    const [, state] = await model.predictAll(data);
    expect(await state!.data()).toEqual(await first[1]!.data());
  });

  it("comes back from a file with the arguments of calls inside it", async () => {
    const { model } = build();
    jitter(model);
    const loaded = await fromBytes(await model.toBytes());
    expect(loaded.variables.map(({ path }) => path)).toEqual(model.variables.map(({ path }) => path));
    const values = async (which: Model) => Promise.all((await which.predictAll(data)).map((output) => output.data()));
    expect(await values(loaded)).toEqual(await values(model));
  });

  it("freezes everything below, to any depth", async () => {
    const { model, inner } = build();
    const outer = new Model({ inputs: model.inputs, outputs: model.callAll(model.inputs)[0]! });
    const gru = [...inner.inner.keys()][0]!;
    const trained = (): string[] => outer.trainableVariables.map((variable) => outer.pathOf(variable).split("/").slice(1).join("/"));
    expect(trained()).toHaveLength(5);
    gru.trainable = false;
    expect(trained()).toEqual(["head/dense/kernel", "head/dense/bias"]);
    gru.trainable = true;
    (outer.layers[0] as Layer).trainable = false;
    expect(trained()).toEqual([]);
  });

  it("takes its inputs, all of them and nothing else", () => {
    const inner = recall();
    expect(mistake(() => inner(layers.input([3, 2]))).received).toBe("1");
    const mask = layers.input([3], { dtype: "bool" });
    expect(mistake(() => inner([layers.input([3, 2]), layers.input([2])], { mask })).received).toBe("the argument mask");
  });
});
