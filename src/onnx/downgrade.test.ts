import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { graphOf, placeholder } from "../graph/graph.js";
import * as ops from "../ops/index.js";
import "../ops/methods.js";
import { keyOf, normals } from "../random/host.js";
import type { Tensor } from "../tensor/tensor.js";
import { downgrade, OLDEST_OPSET } from "./downgrade.js";
import { emitModel, OPSET } from "./emit.js";
import { type AttributeProto, type ModelProto, type NodeProto, decodeModel, encodeModel } from "./proto.js";

/** Gelu written out rounds otherwise than as one kernel. */
const TOLERANCE = 1e-5;
const SHAPE = [2, 6, 4];

/** A model of one input and what `fn` makes of it. */
function traced(fn: (x: Tensor) => Tensor): ModelProto {
  const x = placeholder(["batch", ...SHAPE.slice(1)], "float32", "x");
  return emitModel(graphOf([x], [fn(x)]), { inputNames: ["x"], outputNames: ["y"] });
}

async function run(model: ModelProto): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
  const x = new ort.Tensor("float32", normals(keyOf(1), 48), SHAPE);
  return (await session.run({ x }))["y"]!.data as Float32Array;
}

/** A model of one node whose operator is of version 21 or newer. */
function single(node: Partial<NodeProto>, version = OPSET): ModelProto {
  const port = { dtype: "float32", shape: ["n", 3, 8, 8] } as const;
  return {
    irVersion: 10,
    opsetImports: [{ domain: "", version }],
    producerName: "",
    producerVersion: "",
    metadata: {},
    graph: {
      name: "g",
      nodes: [{ name: "one", opType: "Relu", domain: "", inputs: ["x"], outputs: ["y"], attributes: [], ...node }],
      initializers: [],
      inputs: [{ ...port, name: "x" }],
      outputs: [{ ...port, name: "y" }],
    },
  };
}

describe("a model of an older version", () => {
  const cases: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    gelu: (x) => ops.gelu(x),
    "gelu by tanh": (x) => ops.gelu(x, { approximate: true }),
    "means of an axis": (x) => ops.mean(x, { axes: [1], keepDims: true }),
    "means of all": (x) => ops.mean(x),
    "sums of an axis": (x) => ops.sum(x, { axes: [-1] }),
    "products, greatest and least": (x) => ops.prod(x, { axes: [2] }).add(ops.max(x, { axes: [2] })).sub(ops.min(x, { axes: [2] })),
    "norms and exponents": (x) => ops.logSumExp(x, { axes: [1] }).add(ops.norm(x, { axes: [1] })),
    "axes shared by two": (x) => ops.mean(x, { axes: [1] }).add(ops.max(x, { axes: [1] })),
    resize: (x) => ops.resize(x, [12, 8], { axes: [1, 2], method: "bilinear" }),
    "split and pad": (x) => ops.pad(ops.split(x, 2, 1)[0]!, [[0, 0], [1, 0], [0, 2]]),
    "layer norm and softmax": (x) => ops.softmax(ops.layerNorm(x, null, null)),
    "the k largest": (x) => ops.topK(x, 2)[0],
  };
  for (const [name, fn] of Object.entries(cases)) {
    it(`computes the same: ${name}`, async () => {
      const newest = traced(fn);
      const expected = await run(newest);
      for (let opset = OLDEST_OPSET; opset < OPSET; opset++) {
        const older = downgrade(newest, opset);
        expect(decodeModel(encodeModel(older)).opsetImports).toEqual([{ domain: "", version: opset }]);
        const found = await run(older);
        expect(found.length).toBe(expected.length);
        found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(expected[i]!))));
      }
    });
  }

  it("keeps no axes that have become attributes, and no node that the version lacks", () => {
    const older = downgrade(traced((x) => ops.gelu(ops.mean(x, { axes: [1] }))), 17);
    expect(older.graph.nodes.map(({ opType }) => opType)).not.toContain("Gelu");
    expect(older.graph.nodes.find(({ opType }) => opType === "ReduceMean")!.attributes).toContainEqual({ name: "axes", type: "ints", value: [1] });
    expect(older.graph.initializers.map(({ dtype }) => dtype)).not.toContain("int64");
    expect(older.irVersion).toBe(8);
  });

  const attribute = (name: string, value: number | string): AttributeProto =>
    typeof value === "string" ? { name, type: "string", value } : { name, type: "int", value };
  const refused: readonly [string, ModelProto, number, RegExp][] = [
    ["operators that came later", single({ opType: "BitwiseNot" }), 17, /"one" \(BitwiseNot\).*version 18/],
    ["operators that have changed", single({ opType: "GridSample" }), 19, /GridSample.*changed/],
    ["modes that came later", single({ opType: "Pad", attributes: [attribute("mode", "wrap")] }), 18, /Pad.*wrap/],
    ["attributes that came later", single({ opType: "AveragePool", attributes: [{ name: "dilations", type: "ints", value: [2, 2] }] }), 18, /AveragePool.*dilations/],
    ["axes that are computed", single({ opType: "ReduceMax", inputs: ["x", "axes"] }), 17, /ReduceMax.*computed/],
    ["graphs inside nodes", single({ opType: "If", attributes: [{ name: "then_branch", type: "graph", value: single({}).graph }] }), 20, /\(If\).*a graph inside/],
    ["graphs of newer operators", single({ opType: "Swish" }, 24), 21, /version 24/],
  ];
  for (const [name, model, opset, message] of refused) {
    it(`refuses ${name}`, () => expect(() => downgrade(model, opset)).toThrow(message));
  }

  it("drops attributes that change nothing", () => {
    const older = downgrade(single({ opType: "AveragePool", attributes: [{ name: "dilations", type: "ints", value: [1, 1] }, { name: "kernel_shape", type: "ints", value: [2, 2] }] }), 17);
    expect(older.graph.nodes[0]!.attributes.map(({ name }) => name)).toEqual(["kernel_shape"]);
  });
});
