import { isRecord, wrongKind } from "../../error.js";
import type { Calibration } from "../calibration.js";
import type { ClassificationReport, WrongRow } from "../classificationReport.js";
import { classSection } from "./classTable.js";
import { type Fact, type PlainTable, auditSection, modelSection, reproduceSection } from "./factTable.js";
import { confusionSection } from "./heatmap.js";
import { Html, html } from "./html.js";
import { type LearningCurves, learningSection } from "./learning.js";
import { type ReportPicture, picturesSection, wrongRowsSection } from "./pictures.js";
import { calibrationSection } from "./reliability.js";
import { STYLE } from "./style.js";
import { type Baseline, summary, verdict } from "./summary.js";

/** What {@link htmlReport} takes; a part that is left out is left out of the page. */
export interface HtmlReportInput {
  /** The heading. */
  readonly title: string;
  /** One line under the title. */
  readonly subtitle?: string;
  /** How the model does on rows held out from training. */
  readonly evaluation: ClassificationReport;
  /** Simpler methods on the same rows. */
  readonly baselines?: readonly Baseline[];
  /** Number of trained parameters. */
  readonly parameters?: number;
  /** How long training took. Default: not told. */
  readonly trainingSeconds?: number;
  /** What training was seeded with. Default: not told. */
  readonly seed?: number;
  /** Results by epoch, as `fit` returns them. Default: no picture. */
  readonly curves?: LearningCurves;
  /** How right the probabilities are, from `calibration`. Default: no picture. */
  readonly calibration?: Calibration;
  /** The surest mistakes, for image data. */
  readonly pictures?: readonly ReportPicture[];
  /** The surest mistakes, for other data: `evaluation.mostWrong(10)`. */
  readonly wrongRows?: readonly WrongRow[];
  /** What is known of the data. */
  readonly audit?: readonly Fact[];
  /** The model's summary. */
  readonly model?: PlainTable;
  /** Versions, machine, date. */
  readonly environment?: readonly Fact[];
  /** The command that makes this result again. */
  readonly command?: string;
}

/** Lets the page show itself and nothing else: no script, no request. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * A report on a trained classifier as one HTML file that needs no network, reads well in light, dark and on paper.
 *
 * @throws SHAPE_MISMATCH when a picture's pixels do not fit its size
 * @throws LABEL_RANGE when a picture's class is not one of the evaluation's
 * @example
 * const probabilities = [[0.9, 0.1], [0.2, 0.8]];
 * const evaluation = classificationReport({ labels: [0, 1], probabilities, classNames: ["cat", "dog"] });
 * const page = htmlReport({ title: "Digits", evaluation, seed: 1 });
 */
export function htmlReport(input: HtmlReportInput): string {
  if (!isRecord(input)) throw wrongKind("htmlReport", "an object with title and evaluation", input);
  if (!isRecord(input.evaluation)) throw wrongKind("htmlReport evaluation", "what classificationReport gives", input.evaluation);
  const { title, subtitle, evaluation, baselines = [], parameters, trainingSeconds, seed } = input;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><div class="page">
  <h1>${title}</h1>
  ${subtitle === undefined ? undefined : html`<p class="subtitle">${subtitle}</p>`}
  <p class="verdict">${verdict({ evaluation, baselines })}</p>
</div></header>
<main class="page">
  ${summary({ evaluation, baselines, parameters, trainingSeconds, seed })}
  ${sections(input)}
</main>
<footer class="page">Made with Nacre.</footer>
</body>
</html>
`;
  return page.source;
}

function sections(input: HtmlReportInput): Html[] {
  const { evaluation, curves, calibration, pictures = [], wrongRows = [], audit = [], model } = input;
  const { environment = [], command } = input;
  const parts: Html[] = [];
  if (curves !== undefined && curves.loss.length > 0) parts.push(learningSection(curves));
  parts.push(confusionSection(evaluation), classSection(evaluation));
  if (calibration !== undefined) parts.push(calibrationSection(calibration));
  if (pictures.length > 0) parts.push(picturesSection(pictures, evaluation.classNames));
  else if (wrongRows.length > 0) parts.push(wrongRowsSection(wrongRows, evaluation.classNames));
  if (audit.length > 0) parts.push(auditSection(audit));
  if (model !== undefined) parts.push(modelSection(model));
  if (environment.length > 0 || command !== undefined) parts.push(reproduceSection(environment, command));
  return parts;
}
