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
