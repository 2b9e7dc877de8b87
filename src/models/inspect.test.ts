import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { importOnnx, layers, Model, sequential } from "../index.js";
import { decodeModel, encodeModel } from "../onnx/proto.js";

const convnet = (): Model =>
  sequential([layers.input([8, 8, 1]), layers.conv2d({ filters: 4, kernelSize: 3, name: "conv1", activation: "relu" }), layers.flatten(), layers.dense({ units: 3, name: "classes" })], { seed: 1 });

describe("model.inspect", () => {
  it("tells of each node of an imported graph what it gives, holds and costs", async () => {
    const model = await importOnnx(await convnet().toOnnx());
    model.freeze("conv1/**");
    let printed = "";
    const report = await model.inspect({ print: (table) => (printed = table) });
    expect(printed).toBe(String(report));
    const nodes = report.rows.map(({ name: _name, activationBytes: _bytes, from: _from, ...rest }) => rest);
    expect(nodes[0]).toEqual({ className: "Input", outputShape: "[batch, 8, 8, 1]", parameters: 0, trainable: 0, shared: false, multiplyAdds: 0 });
    // 36 places of 3·3 taps and 4 filters.
    expect(nodes).toContainEqual({ className: "Conv", outputShape: "[batch, 4, 6, 6]", parameters: 36, trainable: 0, shared: false, multiplyAdds: 36 * 9 * 4 });
    const product = nodes.find(({ multiplyAdds }) => multiplyAdds === 144 * 3);
    expect(product).toMatchObject({ outputShape: "[batch, 3]", shared: false });
    expect(report.multiplyAdds).toBe(36 * 9 * 4 + 144 * 3);
    expect(report.parameters).toBe(model.parameterCount);
    expect(nodes.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(model.parameterCount);
    expect(report.trainable).toBe(144 * 3 + 3);
    expect(printed).toMatch(/^Node +Output shape +Parameters +Mult-adds\n/);
    expect(printed).toMatch(/\d+ parameters .*\n1,728 multiply-adds/);
    expect(model.summary()).toMatch(/1,728 multiply-adds/);
  });

  it("names every node as outputsAt knows it", async () => {
    const model = await importOnnx(await convnet().toOnnx());
    const { rows } = await model.inspect();
    const names = rows.slice(1).map(({ name }) => name);
    const parts = await model.outputsAt(names).predictAll([Array.from({ length: 8 }, () => Array.from({ length: 8 }, () => [1]))]);
    expect(parts.map(({ shape }) => `[${["batch", ...shape.slice(1)].join(", ")}]`)).toEqual(rows.slice(1).map(({ outputShape }) => outputShape));
  });

  it("shows the layers of models within models, and graphs beside other layers", async () => {
    const body = sequential([layers.input([4]), layers.dense({ units: 3, name: "low" })], { name: "body" });
    const report = await sequential([layers.input([4]), body, layers.dense({ units: 2, name: "head" })]).inspect();
    expect(report.rows.map(({ name }) => name)).toEqual(["input", "body/low", "head"]);
    const model = (await importOnnx(await convnet().toOnnx())).replaceHead({ head: layers.dense({ units: 5, name: "new" }) });
    const mixed = await model.inspect();
    expect(mixed.rows.map(({ className }) => className)).toEqual(expect.arrayContaining(["Input", "Conv", "Relu", "Dense"]));
    expect(mixed.multiplyAdds).toBe(36 * 9 * 4 + 144 * 5);
  });

  it("shows sizes that follow from free ones by no simple formula as question marks", async () => {
    const net = sequential([layers.input([9, 9, 1]), layers.conv2d({ filters: 2, kernelSize: 3, strides: 2 }), layers.globalAveragePooling2d()]);
    const { graph, ...file } = decodeModel(await net.toOnnx());
    const inputs = graph.inputs.map((input) => ({ ...input, shape: ["batch", "height", "width", 1] }));
    const { rows } = await (await importOnnx(encodeModel({ ...file, graph: { ...graph, inputs, values: [] } }))).inspect();
    expect(rows.find(({ className }) => className === "Conv")).toMatchObject({ outputShape: "[batch, 2, ?, ?]" });
  });

  it("draws nodes", async () => {
    const model = (await importOnnx(await convnet().toOnnx())).replaceHead({ head: layers.dense({ units: 5, name: "new" }) });
    const svg = await model.toSvg();
    const { rows } = await model.inspect();
    expect([...svg.matchAll(/class="title"[^>]*>([^<]*)</g)].map(([, title]) => title)).toEqual(rows.map(({ className }) => className));
    // One arrow into each box but the input's: the nodes stand in a row.
    expect(svg.match(/class="edge"/g)).toHaveLength(rows.length - 1);
    expect(svg).toContain("[batch, 4, 6, 6]");
  });

  it("of 200 nodes does not take long", async () => {
    const x = layers.input([4]);
    let h = x;
    for (let i = 0; i < 40; i++) h = layers.add()([h, layers.dense({ units: 4, activation: "tanh" })(h)]);
    const model = await importOnnx(await new Model({ inputs: x, outputs: h }).toOnnx());
    const start = performance.now();
    const { rows } = await model.inspect();
    await model.toSvg();
    expect(rows.length).toBeGreaterThan(120);
    // Some 100 ms; what grows with the square would take seconds.
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it("refuses other options", async () => {
    await expect(convnet().inspect({ prnt: console.log } as never)).rejects.toThrow(/did you mean "print"/);
  });
});
