import { describe, expect, it } from "vitest";
import { dataTensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import "../testing/engine.js";
import * as metrics from "./index.js";

/** The metric over batches, as a model computes it. */
async function over(metric: metrics.Metric, ...batches: readonly (readonly [Tensor, Tensor, Tensor?])[]): Promise<number | number[]> {
  const sums: Record<string, Float64Array> = {};
  for (const batch of batches) {
    for (const [name, stat] of Object.entries(metric.stats(...batch))) {
      const data = await stat.data();
      sums[name] ??= new Float64Array(data.length);
      data.forEach((x: number | bigint, i: number) => (sums[name]![i]! += Number(x)));
    }
  }
  return metric.result(sums);
}

describe("accuracy by shape", () => {
  it.each([
    [[8, 1], [8, 1], "BinaryAccuracy"],
    [[8], [8, 1], "BinaryAccuracy"],
    [[8], [8], "BinaryAccuracy"],
    [[8], [8, 3], "SparseCategoricalAccuracy"],
    [[8, 1], [8, 3], "SparseCategoricalAccuracy"],
    [[8, 5], [8, 5, 3], "SparseCategoricalAccuracy"],
    [[8, 3], [8, 3], "CategoricalAccuracy"],
  ] as const)("labels %j and predictions %j: %s", (yTrue, yPred, className) => {
    for (const name of ["accuracy", "acc"]) {
      const metric = metrics.getFor(name, yTrue, yPred);
      expect([metric.className, metric.name]).toEqual([className, name]);
    }
  });

  it("counts a probability of exactly the threshold as 0", async () => {
    expect(await over(metrics.binaryAccuracy(), [dataTensor([0, 0, 0, 1]), dataTensor([0.5, 0.5, 0.5, 0.5])])).toBe(0.75);
  });

  it("takes integer labels in a column", async () => {
    const p = dataTensor([[0.1, 0.9], [0.8, 0.2]]);
    expect(await over(metrics.sparseCategoricalAccuracy(), [dataTensor([[1], [1]]), p])).toBe(0.5);
  });
});

describe("metrics over batches", () => {
  it("weigh samples, not batches", async () => {
    const first = [dataTensor([[0], [0], [0]]), dataTensor([[1], [1], [1]])] as const;
    const last = [dataTensor([[0]]), dataTensor([[3]])] as const;
    expect(await over(metrics.meanSquaredError(), first, last)).toBe(3);
    expect(await over(metrics.rootMeanSquaredError(), first, last)).toBeCloseTo(Math.sqrt(3), 12);
  });

  it("divide by the sum of weights, and give 0 where that is 0", async () => {
    const batch = [dataTensor([[0], [0]]), dataTensor([[1], [3]])] as const;
    expect(await over(metrics.meanAbsoluteError(), [...batch, dataTensor([3, 1])])).toBe(1.5);
    expect(await over(metrics.meanAbsoluteError(), [...batch, dataTensor([0, 0])])).toBe(0);
  });

  it("weigh steps of sequences", async () => {
    const values = [dataTensor([[[0], [0]], [[0], [0]]]), dataTensor([[[1], [2]], [[3], [4]]])] as const;
    // Keras's mean of samples: each sample's weighted values are averaged, and its weights too.
    expect(await over(metrics.meanAbsoluteError(), [...values, dataTensor([[1, 0], [1, 1]])])).toBeCloseTo(8 / 3, 6);
  });

  it("stay exact over more samples than float32 could count", () => {
    const sums = { total: Float64Array.of(2 ** 24 + 1), count: Float64Array.of(2 ** 25 + 2) };
    expect(metrics.binaryAccuracy().result(sums)).toBe(0.5);
  });
});

describe("ranking metrics", () => {
  it("give the area of a perfect, a reversed and a random ranking", async () => {
    const y = dataTensor([0, 0, 1, 1]);
    expect(await over(metrics.auc(), [y, dataTensor([0.1, 0.2, 0.8, 0.9])])).toBeCloseTo(1, 12);
    expect(await over(metrics.auc(), [y, dataTensor([0.9, 0.8, 0.2, 0.1])])).toBeCloseTo(0, 12);
    expect(await over(metrics.auc(), [y, dataTensor([0.5, 0.5, 0.5, 0.5])])).toBeCloseTo(0.5, 12);
  });

  it("average the areas of labels", async () => {
    const batch = [dataTensor([[0, 1], [1, 0]]), dataTensor([[0.1, 0.2], [0.9, 0.8]])] as const;
    expect(await over(metrics.auc({ multiLabel: true }), batch)).toBeCloseTo(0.5, 12);
    expect(await over(metrics.auc({ multiLabel: true, labelWeights: [3, 1] }), batch)).toBeCloseTo(0.75, 12);
  });

  it("count ties among the largest as Keras does: enough that fewer than k are larger", async () => {
    const p = dataTensor([[0.4, 0.4, 0.2], [0.5, 0.3, 0.2]]);
    expect(await over(metrics.sparseTopKCategoricalAccuracy({ k: 1 }), [dataTensor([1, 1]), p])).toBe(0.5);
  });

  it("keep exactly the k largest, the first of equal ones", async () => {
    const batch = [dataTensor([[1, 1, 0]]), dataTensor([[0.4, 0.4, 0.4]])] as const;
    expect(await over(metrics.recall({ topK: 1 }), batch)).toBe(0.5);
    expect(await over(metrics.precision({ topK: 3 }), batch)).toBeCloseTo(2 / 3, 6);
  });

  it("look at one class, and give a result for each threshold", async () => {
    const batch = [dataTensor([[1, 0], [0, 1]]), dataTensor([[0.9, 0.6], [0.2, 0.7]])] as const;
    expect(await over(metrics.precision({ classId: 1 }), batch)).toBe(0.5);
    expect(await over(metrics.precision({ classId: 1, thresholds: [0.5, 0.65] }), batch)).toEqual([0.5, 1]);
    expect(await over(metrics.falsePositives({ thresholds: 0.1 }), batch)).toBe(2);
  });

  it("find the best rate at an operating point", async () => {
    const batch = [dataTensor([0, 0, 1, 1]), dataTensor([0.1, 0.6, 0.4, 0.9])] as const;
    expect(await over(metrics.recallAtPrecision({ precision: 0.9 }), batch)).toBe(0.5);
    expect(await over(metrics.specificityAtSensitivity({ sensitivity: 1 }), batch)).toBe(0.5);
    expect(() => metrics.recallAtPrecision({ precision: 2 })).toThrow(/from 0 to 1/);
  });
});

describe("overlaps", () => {
  it("average classes that occur", async () => {
    const batch = [dataTensor([0, 1, 1, 2]), dataTensor([0, 1, 0, 2])] as const;
    // 1/2, 1/2, 1 and a class that never occurs; the metric adds 1e-7 to its divisors.
    expect(await over(metrics.meanIoU({ numClasses: 4 }), batch)).toBeCloseTo(2 / 3, 5);
    expect(await over(metrics.iou({ numClasses: 4, targetClassIds: [2] }), batch)).toBeCloseTo(1, 5);
    expect(await over(metrics.meanIoU({ numClasses: 4, ignoreClass: 1 }), batch)).toBeCloseTo(1, 5);
  });

  it("take scores and probabilities", async () => {
    const oneHot = [dataTensor([[1, 0], [0, 1]]), dataTensor([[0.8, 0.2], [0.7, 0.3]])] as const;
    expect(await over(metrics.oneHotMeanIoU({ numClasses: 2 }), oneHot)).toBeCloseTo(0.25, 5);
    expect(await over(metrics.binaryIoU({ targetClassIds: [1] }), [dataTensor([1, 0]), dataTensor([0.5, 0.4])])).toBeCloseTo(1, 5);
    expect(() => metrics.iou({ numClasses: 2, targetClassIds: [2] })).toThrow(/classes from 0 to 1/);
  });
});

describe("metrics by name", () => {
  it("have names in camelCase", () => {
    const named = ["AUC", "KLDivergence", "MeanIoU", "R2Score", "F1Score", "IoU", "OneHotIoU", "TopKCategoricalAccuracy"];
    const got = named.map((name) => {
      const options = { numClasses: 2, targetClassIds: [0] };
      return (/IoU/.test(name) ? metrics.get({ className: name, config: name === "MeanIoU" ? { numClasses: 2 } : options }) : metrics.get(name)).name;
    });
    expect(got).toEqual(["auc", "klDivergence", "meanIou", "r2Score", "f1Score", "iou", "oneHotIou", "topKCategoricalAccuracy"]);
  });

  it("come back from their stored form under their name", async () => {
    const metric = metrics.precision({ thresholds: 0.7, name: "strict" });
    const again = metrics.deserialize(JSON.parse(JSON.stringify(metrics.serialize(metric))) as never);
    expect([again.name, again.config]).toEqual(["strict", metric.config]);
  });

  it("may be one's own", async () => {
    const positives = metrics.defineMetric({
      className: "PredictedPositivesForTest",
      defaults: { threshold: 0.5 },
      stats: (_yTrue, yPred, _weight, { threshold }) => ({ count: yPred.greater(threshold).cast("float32").sum() }),
      result: ({ count }) => count![0]!,
    });
    const batch = [dataTensor([0, 0]), dataTensor([0.4, 0.9])] as const;
    expect(await over(metrics.get(metrics.serialize(positives({ threshold: 0.3 }))), batch, batch)).toBe(4);
    expect(() => metrics.get("acuracy")).toThrow(/did you mean "accuracy"/);
  });
});
