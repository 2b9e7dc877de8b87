import { describe, expect, it } from "vitest";
import { grad } from "../autodiff/index.js";
import { dataTensor } from "../tensor/convert.js";
import { arrayOf } from "../tensor/dtype.js";
import { Tensor } from "../tensor/tensor.js";
import "../testing/engine.js";
import * as losses from "./index.js";

const LABELS = new Tensor({ shape: [2, 3], dtype: "int32", value: arrayOf("int32", [0, 1, 2, 2, 0, 1]) });
const LOGITS = dataTensor([
  [[0.1, 0.2, 0.3], [1, 2, 3], [0, 0, 1]],
  [[2, 1, 0], [0.5, 0.5, 0.1], [3, 0, 1]],
]);
const MASK = dataTensor([[true, true, false], [true, false, false]]);
const WEIGHT = dataTensor([[1, 2, 1], [0.5, 1, 1]]);

describe("reduceLoss", () => {
  // Keras 3.15: mask, mask and weight, weight.
  it.each([
    ["sumOverBatchSize", 1.6723849, 1.7403193, 1.6540745],
    ["mean", 1.6723849, 1.7403193, 1.6540745],
    ["sum", 5.0171547, 5.2209578, 9.9244471],
    ["meanWithSampleWeight", 1.6723849, 1.4917022, 1.5268381],
  ] as const)("weighs and masks with %s as Keras does", async (reduction, masked, both, weighted) => {
    const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true, reduction });
    expect(await losses.reduceLoss(loss, LABELS, LOGITS, undefined, MASK).item()).toBeCloseTo(masked, 5);
    expect(await losses.reduceLoss(loss, LABELS, LOGITS, WEIGHT, MASK).item()).toBeCloseTo(both, 5);
    expect(await losses.reduceLoss(loss, LABELS, LOGITS, WEIGHT).item()).toBeCloseTo(weighted, 5);
  });

  it("lets one weight per sample count for all its steps", async () => {
    const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true });
    const perSample = losses.reduceLoss(loss, LABELS, LOGITS, dataTensor([3, 0.5]));
    const perStep = losses.reduceLoss(loss, LABELS, LOGITS, dataTensor([[3, 3, 3], [0.5, 0.5, 0.5]]));
    expect(await perSample.item()).toBeCloseTo(await perStep.item(), 6);
  });

  it.each(["sumOverBatchSize", "meanWithSampleWeight"] as const)("is 0 and without NaN where a mask leaves nothing, with %s", async (reduction) => {
    const loss = losses.meanSquaredError({ reduction });
    const none = dataTensor([false, false]);
    const value = (p: Tensor): Tensor => losses.reduceLoss(loss, dataTensor([[1], [2]]), p, undefined, none);
    expect(await value(dataTensor([[3], [4]])).item()).toBe(0);
    expect([...(await grad(value)(dataTensor([[3], [4]])).data())]).toEqual([0, 0]);
  });

  it("leaves values of the reduction none alone but for weights", async () => {
    const loss = losses.meanSquaredError({ reduction: "none" });
    const values = losses.reduceLoss(loss, dataTensor([1, 2]), dataTensor([[3], [5]]), dataTensor([1, 2]));
    expect(await values.toArray()).toEqual([4, 18]);
  });
});

describe("cross-entropies", () => {
  // Keras 3.15.
  it.each([
    [0.5, [0.32667994, 0.45080662, 0.90455484]],
    [0.7, [0.31563443, 0.42947397, 0.81355488]],
  ])("of the generalized kind with q = %d give Keras's values", async (q, wanted) => {
    const loss = losses.categoricalGeneralizedCrossEntropy({ q, reduction: "none" });
    const predictions = dataTensor([[0.7, 0.2, 0.1], [0.2, 0.2, 0.6], [0.3, 0.3, 0.4]]);
    const values = await loss.call(dataTensor([0, 2, 1]), predictions).data();
    wanted.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 6));
    expect(() => losses.categoricalGeneralizedCrossEntropy({ q: 1 }).call(dataTensor([0, 2, 1]), predictions)).toThrow(/option q/);
  });

  it("take the logits behind a softmax or sigmoid, so that certain mistakes keep a gradient", async () => {
    const far = dataTensor([[200, 0]]);
    const sparse = losses.sparseCategoricalCrossentropy();
    const label = dataTensor([1]);
    expect(await losses.reduceLoss(sparse, label, far.softmax()).item()).toBeCloseTo(200, 3);
    const slope = await grad((x: Tensor) => losses.reduceLoss(sparse, label, x.softmax()))(far).data();
    expect([...slope].map(Number)).toEqual([1, -1]);
    const categorical = losses.categoricalCrossentropy();
    expect(await losses.reduceLoss(categorical, dataTensor([[0, 1]]), far.softmax()).item()).toBeCloseTo(200, 3);
    const binary = losses.binaryCrossentropy();
    expect(await losses.reduceLoss(binary, dataTensor([[0]]), dataTensor([[200]]).sigmoid()).item()).toBeCloseTo(200, 3);
  });

  it("do not take a softmax over another axis for their own", async () => {
    const x = dataTensor([[1, 2], [3, 5]]);
    const loss = losses.sparseCategoricalCrossentropy();
    const got = await losses.reduceLoss(loss, dataTensor([0, 1]), x.softmax(0)).item();
    const p = [[1 / (1 + Math.exp(2)), 1 / (1 + Math.exp(3))], [1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(-3))]];
    const want = -(Math.log(p[0]![0]! / (p[0]![0]! + p[0]![1]!)) + Math.log(p[1]![1]! / (p[1]![0]! + p[1]![1]!))) / 2;
    expect(got).toBeCloseTo(want, 5);
  });

  it("leave ignored classes out of the mean, whatever stands there", async () => {
    const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: -1 });
    const logits = dataTensor([[1, 2], [0, 50], [3, 1]]);
    const all = new Tensor({ shape: [3], dtype: "int32", value: arrayOf("int32", [0, -1, 1]) });
    const kept = (Math.log(1 + Math.exp(1)) + Math.log(1 + Math.exp(2))) / 2;
    expect(await losses.reduceLoss(loss, all, logits).item()).toBeCloseTo(kept, 5);
    const slope = await grad((x: Tensor) => losses.reduceLoss(loss, all, x))(logits).data();
    expect([...slope].slice(2, 4)).toEqual([0, 0]);
  });

  it("say what to do about labels of the wrong form", () => {
    const p = dataTensor([[0.2, 0.8], [0.5, 0.5]]);
    expect(() => losses.sparseCategoricalCrossentropy().call(p, p)).toThrow(/want categoricalCrossentropy/);
    expect(() => losses.categoricalCrossentropy().call(dataTensor([0, 1]), p)).toThrow(/sparseCategoricalCrossentropy/);
    expect(() => losses.binaryCrossentropy().call(dataTensor([[0], [1]]), p)).toThrow(/binaryCrossentropy: .*\[2, 2\], received \[2, 1\].*units: 1/);
  });

  it("take labels with an axis of size 1, and classes on another axis", async () => {
    const p = dataTensor([[0.2, 0.8], [0.6, 0.4]]);
    const column = await losses.sparseCategoricalCrossentropy().call(dataTensor([[1], [0]]), p).data();
    const first = await losses.sparseCategoricalCrossentropy({ axis: 0 }).call(dataTensor([1, 0]), p.transpose()).data();
    expect([...first]).toEqual([...column]);
    expect(Number(column[0])).toBeCloseTo(-Math.log(0.8), 5);
  });
});

describe("losses by name", () => {
  it("are found in every spelling and come back from their stored form", async () => {
    for (const name of ["mse", "MSE", "mean_squared_error", "MeanSquaredError"]) {
      expect(losses.get(name).className).toBe("MeanSquaredError");
    }
    const loss = losses.huber({ delta: 0.5, reduction: "sum" });
    const again = losses.deserialize(JSON.parse(JSON.stringify(losses.serialize(loss))) as never);
    expect(again.config).toEqual(loss.config);
    const [y, p] = [dataTensor([[0, 0]]), dataTensor([[2, 0.2]])];
    expect(await again.call(y, p).item()).toBe(await loss.call(y, p).item());
  });

  it("refuse unknown names and options with the nearest ones", () => {
    expect(() => losses.get("meanSquareError")).toThrow(/did you mean "meanSquaredError"/);
    expect(() => losses.huber({ detla: 2 } as never)).toThrow(/did you mean "delta"/);
    expect(() => losses.meanSquaredError({ reduction: "avg" as never })).toThrow(/sumOverBatchSize/);
  });

  it("may be one's own: defined, or a plain function", async () => {
    const fourth = losses.defineLoss({
      className: "FourthPowerForTest",
      defaults: { scale: 1 },
      call: (yTrue, yPred, { scale }) => yTrue.sub(yPred).pow(4).mean({ axes: -1 }).mul(scale),
    });
    const stored = losses.serialize(fourth({ scale: 2 }));
    const [y, p] = [dataTensor([[0]]), dataTensor([[2]])];
    expect(await losses.reduceLoss(losses.get(stored), y, p).item()).toBe(32);
    const plain = losses.get((yTrue: Tensor, yPred: Tensor) => yTrue.sub(yPred).abs());
    expect(await losses.reduceLoss(plain, y, p).item()).toBe(2);
    expect(() => losses.serialize(plain)).toThrow(/defineLoss/);
  });
});
