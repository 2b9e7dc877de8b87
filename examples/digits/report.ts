import { writeFile } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { resolve } from "node:path";
import { type Audit, type Dataset } from "nacre/data";
import { type ClassificationReport, type Comparison, type Fact, calibration, htmlReport } from "nacre/evaluate";
import type { Trained } from "./training.js";

/** What the report is made of. */
export interface ReportParts {
  readonly audit: Audit;
  readonly test: Dataset;
  readonly trained: Trained;
  readonly evaluation: ClassificationReport;
  readonly probabilities: Float32Array;
  readonly labels: readonly number[];
  readonly comparisons: readonly (Comparison & { readonly name: string })[];
  readonly seed: number;
  readonly fast: boolean;
}

/** Writes the report and returns its full path. */
export async function writeReport(parts: ReportParts, path: string): Promise<string> {
  const { trained, test, evaluation, labels, probabilities, seed } = parts;
  const { logs } = trained.history;
  const images = (await test.column("input")).data as Float32Array;
  const page = htmlReport({
    title: "Handwritten digits",
    subtitle: "A small convolutional network on 8×8 scans, trained and judged by Nacre",
    evaluation,
    baselines: parts.comparisons.map(({ name, baselineAccuracy, pValue }) => ({ name, accuracy: baselineAccuracy, pValue })),
    parameters: trained.model.parameterCount,
    trainingSeconds: trained.seconds,
    seed,
    curves: {
      loss: logs["loss"]!,
      valLoss: logs["val_loss"]!,
      accuracy: logs["accuracy"]!,
      valAccuracy: logs["val_accuracy"]!,
    },
    calibration: calibration({ labels, probabilities, classes: 10 }),
    pictures: evaluation.mostWrong(24).map(({ row, label, predicted, confidence }) => ({
      width: 8,
      height: 8,
      channels: 1,
      // Ink is dark on paper, so the scan's values are turned round.
      pixels: Array.from(images.slice(row * 64, (row + 1) * 64), (value) => 1 - value),
      row,
      label,
      predicted,
      probability: confidence,
    })),
    audit: auditFacts(parts.audit),
    model: trained.model.summaryTable(),
    environment: [
      { label: "Node", value: process.version },
      { label: "Machine", value: `${platform()} ${arch()}, ${cpus().length} cores` },
      { label: "Date", value: new Date().toISOString().slice(0, 10) },
    ],
    command: `npm start -- --seed ${seed}${parts.fast ? " --fast" : ""}`,
  });
  await writeFile(path, page);
  return resolve(path);
}

function auditFacts(audit: Audit): Fact[] {
  const clean = (count: number): { mark: "good" | "warning" } => ({ mark: count === 0 ? "good" : "warning" });
  const missing = Object.values(audit.missing).reduce((sum, count) => sum + count, 0);
  return [
    { label: "Rows", value: audit.rows },
    { label: "Classes", value: audit.classes.length },
    { label: "Largest to smallest class", value: audit.imbalance?.toFixed(2) ?? "–" },
    { label: "Exact duplicates", value: audit.duplicates.rows, ...clean(audit.duplicates.rows) },
    { label: "Same picture, different label", value: audit.conflictingDuplicates.rows, ...clean(audit.conflictingDuplicates.rows) },
    { label: "Constant pixels", value: audit.constantColumns.length, ...clean(audit.constantColumns.length) },
    { label: "Missing values", value: missing, ...clean(missing) },
  ];
}
