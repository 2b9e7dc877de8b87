import { expect, test } from "vitest";
import { calibration, classificationReport, compareToBaseline, htmlReport, predictedClasses } from "./index.js";

const none = undefined as never;
const later = Promise.resolve([[1, 0]]) as never;
const labels = [0];
const classNames = ["a", "b"];

test.each<[string, () => unknown, string, string]>([
  ["classificationReport()", () => classificationReport(none), "classificationReport", "nothing"],
  ["no labels", () => classificationReport({ classNames } as never), "classificationReport labels", "nothing"],
  ["no class names", () => classificationReport({ labels, probabilities: [[1, 0]] } as never), "classificationReport classNames", "nothing"],
  ["probabilities to come", () => classificationReport({ labels, classNames, probabilities: later }), "classificationReport probabilities", "a Promise"],
  ["a tensor", () => classificationReport({ labels, classNames, probabilities: { dtype: "float32", shape: [1, 2] } as never }), "classificationReport probabilities", "an object with dtype, shape"],
  ["compareToBaseline()", () => compareToBaseline(none), "compareToBaseline", "nothing"],
  ["no baseline", () => compareToBaseline({ labels, predictions: labels } as never), "compareToBaseline baseline", "nothing"],
  ["calibration({})", () => calibration({} as never), "calibration labels", "nothing"],
  ["predictedClasses of a Promise", () => predictedClasses(later, 2), "predictedClasses probabilities", "a Promise"],
  ["htmlReport()", () => htmlReport(none), "htmlReport", "nothing"],
  ["htmlReport of a Promise", () => htmlReport({ title: "", evaluation: later }), "htmlReport evaluation", "a Promise"],
])("is explained: %s", (_, call, where, received) => {
  const fix = received === "a Promise" ? { fix: "did you forget await?" } : {};
  expect(call).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT", where, received, ...fix }));
});
