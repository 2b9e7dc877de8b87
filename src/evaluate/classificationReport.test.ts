import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calibration } from "./calibration.js";
import { classificationReport } from "./classificationReport.js";
import { compareToBaseline } from "./compare.js";
import { confusionMatrix } from "./confusion.js";
import { formatClassificationReport } from "./format.js";
import { wilsonInterval } from "./interval.js";
import { predictedClasses } from "./probabilities.js";

// Expected numbers: scikit-learn 1.x (confusion_matrix, precision_recall_fscore_support with zero_division=0,
// balanced_accuracy_score) and SciPy (binomtest), both float64, on the arrays below.
// Ratios of counts agree to rounding; 1e-12 leaves room for another order of summation.
const DIGITS = 12;

const labels = [
  1, 2, 2, 0, 0, 2, 0, 2, 2, 1, 0, 0, 0, 1, 1, 1, 3, 2, 1, 3, 0, 0, 1, 0, 0, 1, 1, 3, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0,
];
const predictions = [
  1, 1, 2, 2, 0, 2, 3, 0, 3, 1, 0, 0, 1, 2, 0, 1, 0, 2, 0, 3, 0, 2, 0, 0, 0, 1, 3, 1, 1, 3, 3, 1, 0, 0, 1, 0, 3, 0, 2, 0,
];
const baseline = [
  1, 0, 1, 0, 2, 3, 2, 0, 0, 0, 0, 1, 1, 0, 2, 1, 0, 1, 2, 0, 1, 1, 1, 0, 1, 1, 2, 2, 0, 1, 2, 2, 0, 0, 1, 0, 1, 3, 0, 0,
];
const probabilities = [
  [0.15, 0.622, 0.179, 0.049], [0.134, 0.484, 0.088, 0.294], [0.04, 0.019, 0.866, 0.076], [0.214, 0.23, 0.38, 0.177],
  [0.481, 0.068, 0.143, 0.308], [0.103, 0.247, 0.421, 0.229], [0.209, 0.115, 0.169, 0.506], [0.461, 0.039, 0.22, 0.28],
  [0.019, 0.086, 0.413, 0.482], [0.34, 0.409, 0.118, 0.133], [0.844, 0.036, 0.041, 0.079], [0.579, 0.162, 0.065, 0.195],
  [0.259, 0.39, 0.233, 0.118], [0.239, 0.289, 0.35, 0.122], [0.416, 0.212, 0.329, 0.043], [0.031, 0.588, 0.098, 0.283],
  [0.652, 0.03, 0.037, 0.281], [0.228, 0.116, 0.375, 0.281], [0.349, 0.245, 0.192, 0.215], [0.032, 0.12, 0.039, 0.809],
  [0.614, 0.167, 0.084, 0.135], [0.193, 0.138, 0.617, 0.051], [0.426, 0.106, 0.39, 0.078], [0.599, 0.094, 0.018, 0.289],
  [0.846, 0.056, 0.046, 0.051], [0.032, 0.839, 0.049, 0.08], [0.075, 0.295, 0.046, 0.584], [0.139, 0.427, 0.165, 0.269],
  [0.167, 0.44, 0.234, 0.159], [0.102, 0.115, 0.062, 0.721], [0.071, 0.162, 0.196, 0.571], [0.339, 0.354, 0.232, 0.075],
  [0.733, 0.103, 0.114, 0.05], [0.746, 0.083, 0.124, 0.047], [0.02, 0.849, 0.041, 0.09], [0.507, 0.102, 0.095, 0.297],
  [0.324, 0.113, 0.135, 0.428], [0.741, 0.166, 0.064, 0.028], [0.263, 0.268, 0.294, 0.175], [0.571, 0.181, 0.198, 0.05],
];
const confusion = [[11, 2, 2, 2], [3, 6, 1, 3], [1, 1, 4, 1], [1, 1, 0, 1]];
const classNames = ["ant", "bee", "cicada", "dragonfly"];

const report = classificationReport({ labels, probabilities, classNames });

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, DIGITS));
}

const refusal = (code: string, says: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(says) as string });

describe("against scikit-learn", () => {
  test("confusion matrix and accuracy", () => {
    expect(confusionMatrix(labels, predictions, 4)).toEqual(confusion);
    expect(report).toMatchObject({ rows: 40, correct: 22, accuracy: 0.55, confusion });
  });

  test("scores of each class", () => {
    const { perClass } = report;
    expectClose(perClass.map((c) => c.precision), [0.6875, 0.6, 0.5714285714285714, 0.14285714285714285]);
    expectClose(perClass.map((c) => c.recall), [0.6470588235294118, 0.46153846153846156, 0.5714285714285714, 1 / 3]);
    expectClose(perClass.map((c) => c.f1), [0.6666666666666666, 0.5217391304347826, 0.5714285714285714, 0.2]);
    expect(perClass.map((c) => c.support)).toEqual([17, 13, 7, 3]);
  });

  test("means over classes", () => {
    const { precision, recall, f1 } = report.macro;
    expectClose([precision, recall, f1], [0.5004464285714286, 0.5033397974574445, 0.48995859213250514]);
    expect(report.balancedAccuracy).toBeCloseTo(0.5033397974574445, DIGITS);
  });

  test("classes without rows or predictions", () => {
    const sparse = classificationReport({ labels: [0, 0, 1, 1, 3], predictions: [0, 1, 1, 1, 0], classNames });
    expectClose(sparse.perClass.map((c) => c.precision), [0.5, 2 / 3, 0, 0]);
    expectClose(sparse.perClass.map((c) => c.recall), [0.5, 1, 0, 0]);
    expectClose(sparse.perClass.map((c) => c.f1), [0.5, 0.8, 0, 0]);
    expect(sparse.balancedAccuracy).toBeCloseTo(0.5, DIGITS);
  });
});

test.each([
  [22, 40, 0.3982909179893206, 0.6929469218909508],
  [0, 10, 0, 0.27753279986288926],
  [10, 10, 0.7224672001371109, 1],
  [972, 1000, 0.9598298168024068, 0.980557723187229],
])("Wilson interval of %i in %i is SciPy's", (successes, trials, low, high) => {
  const interval = wilsonInterval(successes, trials);
  expect(interval.low).toBeCloseTo(low, DIGITS);
  expect(interval.high).toBeCloseTo(high, DIGITS);
});

test("a comparison with a baseline is McNemar's exact test", () => {
  const found = compareToBaseline({ labels, predictions, baseline });
  expect(found).toMatchObject({ onlyModelRight: 12, onlyBaselineRight: 3, accuracy: 0.55, baselineAccuracy: 0.325 });
  expect(found.gain).toBeCloseTo(0.225, DIGITS);
  expect(found.pValue).toBeCloseTo(0.03515625, DIGITS);
});

test.each([
  [0, 0, 1],
  [5, 5, 1],
  [1, 9, 0.021484375],
  [400, 300, 0.0001784763144856244],
  [3000, 2800, 0.00896943600119357],
])("p value for %i against %i rows is SciPy's", (model, other, pValue) => {
  // Rows: the model alone right, the baseline alone right, and one that both get wrong.
  const pick = (a: number, b: number) => [...Array<number>(model).fill(a), ...Array<number>(other).fill(b), 2];
  const truth = Array<number>(model + other + 1).fill(1);
  const found = compareToBaseline({ labels: truth, predictions: pick(1, 0), baseline: pick(0, 1) });
  // Logarithms of 5,800 factors lose some digits: 1e-9 relative is a thousand times what is seen.
  expect(Math.abs(found.pValue / pValue - 1)).toBeLessThan(1e-9);
});

test("confused pairs come commonest first, then by share of the class", () => {
  const pairs = report.confusedPairs.map(({ label, predicted, count }) => [label, predicted, count]);
  expect(pairs.slice(0, 4)).toEqual([[1, 0, 3], [1, 3, 3], [0, 1, 2], [0, 2, 2]]);
  expect(report.confusedPairs[0]!.share).toBeCloseTo(3 / 13, DIGITS);
  expect(report.confusedPairs.every(({ label, predicted, count }) => label !== predicted && count > 0)).toBe(true);
});

test("the most wrong rows come surest first", () => {
  expect(report.mostWrong(5).map(({ row }) => row)).toEqual([29, 16, 21, 26, 30]);
  expect(report.mostWrong(1)).toEqual([{ row: 29, label: 1, predicted: 3, confidence: 0.721, labelProbability: 0.115 }]);
  expect(report.mostWrong(100)).toHaveLength(18);
});

test("calibration gathers rows of like confidence", () => {
  const { bins, error } = calibration({ labels, probabilities, classes: 4 });
  expect(bins.map(({ rows }) => rows)).toEqual([0, 0, 1, 6, 11, 8, 4, 4, 6, 0]);
  expectClose(bins.slice(2, 9).map((bin) => bin.accuracy), [1, 1 / 6, 4 / 11, 0.625, 0.5, 0.75, 1]);
  expect(bins[6]!.confidence).toBeCloseTo(0.62625, DIGITS);
  expect(bins[0]!.accuracy).toBeNaN();
  expect(error).toBeCloseTo(0.119625, DIGITS);
});

test("flat, float32 and nested probabilities say the same", () => {
  const flat = Float32Array.from(probabilities.flat());
  expect(predictedClasses(flat, 4)).toEqual(predictions);
  expect(classificationReport({ labels: Int32Array.from(labels), probabilities: flat, classNames }).confusion).toEqual(confusion);
});

test("reports of any predictions add up", () => {
  const rows = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(rows, (pairs) => {
      const found = classificationReport({ labels: pairs.map(([a]) => a), predictions: pairs.map(([, b]) => b), classNames });
      const { low, high } = found.accuracyInterval;
      expect(found.confusion.flat().reduce((sum, count) => sum + count)).toBe(pairs.length);
      expect(found.confusedPairs.reduce((sum, { count }) => sum + count, found.correct)).toBe(pairs.length);
      expect(0 <= low && low <= found.accuracy && found.accuracy <= high && high <= 1).toBe(true);
    }),
  );
});

test("the text for a terminal", () => {
  expect(formatClassificationReport(report)).toMatchInlineSnapshot(`
    "accuracy 55.0 % (95 % interval 39.8 % to 69.3 %), 22 of 40 rows
    balanced accuracy 50.3 %

    class       precision  recall     f1  rows
    ant             0.688   0.647  0.667    17
    bee             0.600   0.462  0.522    13
    cicada          0.571   0.571  0.571     7
    dragonfly       0.143   0.333  0.200     3
    macro mean      0.500   0.503  0.490    40

    true \\ predicted  ant  bee  cicada  dragonf…
    ant                11    2       2         2
    bee                 3    6       1         3
    cicada              1    1       4         1
    dragonfly           1    1       ·         1

    most confused
      bee taken for ant: 3 (23.1 % of bee)
      bee taken for dragonfly: 3 (23.1 % of bee)
      ant taken for bee: 2 (11.8 % of ant)
      ant taken for cicada: 2 (11.8 % of ant)
      ant taken for dragonfly: 2 (11.8 % of ant)"
  `);
});

test("the text leaves out a matrix that is too wide, and whatever could steer the terminal", () => {
  const many = Array.from({ length: 25 }, (_, i) => `class\u001b[31m ${i} of a long name`);
  const text = formatClassificationReport(classificationReport({ labels: [0, 1], predictions: [0, 2], classNames: many }));
  expect(text).not.toContain("predicted");
  expect(text).not.toContain("\u001b");
  expect(text).toContain("class?[31m 1 of a l… taken for class?[31m 2 of a l…: 1 (100.0 %");
});

test.each<[string, () => unknown, string, string]>([
  ["a label that is no class", () => confusionMatrix([0, 4], [0, 0], 4), "LABEL_RANGE", "0 to 3, received 4 in row 1"],
  ["a negative label", () => confusionMatrix([-1], [0], 4), "LABEL_RANGE", "-1 in row 0"],
  ["a fractional prediction", () => confusionMatrix([0], [0.5], 4), "LABEL_RANGE", "predictions"],
  ["no classes", () => confusionMatrix([0], [0], 0), "BAD_ARGUMENT", "classes from 1"],
  ["no rows", () => classificationReport({ labels: [], predictions: [], classNames }), "SHAPE_MISMATCH", "at least one row"],
  ["too few predictions", () => confusionMatrix([0, 1], [0], 4), "SHAPE_MISMATCH", "2 predictions"],
  ["too few rows of probabilities", () => classificationReport({ labels: [0, 1], probabilities: [[1, 0, 0, 0]], classNames }), "SHAPE_MISMATCH", "2 rows of probabilities"],
  ["a short row of probabilities", () => classificationReport({ labels: [0], probabilities: [[1]], classNames }), "SHAPE_MISMATCH", "4 probabilities in row 0"],
  ["flat probabilities of another width", () => classificationReport({ labels: [0], probabilities: [1, 0, 0], classNames }), "SHAPE_MISMATCH", "a multiple of 4"],
  ["logits", () => predictedClasses([[-3, 7]], 2), "BAD_DATA", "softmax"],
  ["NaN", () => predictedClasses([[0, NaN]], 2), "NON_FINITE", "NaN in row 0"],
  ["both kinds of predictions", () => classificationReport({ labels, predictions, probabilities, classNames }), "BAD_ARGUMENT", "both"],
  ["no predictions", () => classificationReport({ labels, classNames }), "BAD_ARGUMENT", "neither"],
  ["confidence without probabilities", () => classificationReport({ labels, predictions, classNames }).mostWrong(1), "BAD_ARGUMENT", "pass probabilities"],
  ["a baseline of other rows", () => compareToBaseline({ labels, predictions, baseline: [0] }), "SHAPE_MISMATCH", "40 baseline predictions"],
  ["no bins", () => calibration({ labels, probabilities, classes: 4, bins: 0 }), "BAD_ARGUMENT", "bins from 1"],
])("refuses %s", (_, call, code, says) => {
  expect(call).toThrow(refusal(code, says));
});
