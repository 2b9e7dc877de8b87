export { type Calibration, type CalibrationBin, type CalibrationInput, calibration } from "./calibration.js";
export {
  type ClassScores,
  type ClassificationInput,
  type ClassificationReport,
  type ConfusedPair,
  type WrongRow,
  classificationReport,
} from "./classificationReport.js";
export { type Comparison, type ComparisonInput, compareToBaseline } from "./compare.js";
export { confusionMatrix } from "./confusion.js";
export { formatClassificationReport } from "./format.js";
export { type Interval, wilsonInterval } from "./interval.js";
export { type Probabilities, predictedClasses } from "./probabilities.js";
export type { Fact, PlainTable } from "./report/factTable.js";
export { type HtmlReportInput, htmlReport } from "./report/htmlReport.js";
export type { LearningCurves } from "./report/learning.js";
export type { ReportPicture } from "./report/pictures.js";
export type { Baseline } from "./report/summary.js";
