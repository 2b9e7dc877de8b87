import { expect, test } from "vitest";
import { graphOf, placeholder } from "../graph/graph.js";
import "../ops/methods.js";
import type { Tensor } from "../tensor/tensor.js";
import { emitModel } from "./emit.js";

const x = placeholder([2, 6], "float32", "x");
const typesOf = (...outputs: Tensor[]): string[] => emitModel(graphOf([x], outputs)).graph.nodes.map(({ opType }) => opType);

test("what was reshaped before is seen through, and views that nobody uses are not written", () => {
  expect(typesOf(x.exp().reshape([3, 4]).reshape([12]).neg())).toEqual(["Exp", "Reshape", "Neg"]);
  expect(typesOf(x.exp().reshape([3, 4]).reshape([2, 6]).neg())).toEqual(["Exp", "Neg"]);
  const twice = x.exp();
  expect(typesOf(twice.reshape([12]).neg(), twice.reshape([3, 4]).reshape([12]).abs())).toEqual(["Exp", "Reshape", "Neg", "Abs"]);
});

test("ports keep their shapes", () => {
  const model = emitModel(graphOf([x], [x.reshape([12]), x.reshape([12]).reshape([2, 6]), x.exp().reshape([3, 4])]));
  expect(model.graph.outputs.map(({ shape }) => shape)).toEqual([[12], [2, 6], [3, 4]]);
  expect(model.graph.nodes.map(({ opType, outputs }) => opType + (outputs[0]!.startsWith("o") ? ` ${outputs[0]}` : ""))).toEqual(["Reshape o0", "Exp", "Reshape o2", "Identity o1"]);
});
