import { type Html, html } from "./html.js";
import { type Series, lineChart } from "./lineChart.js";
import { percent, significant } from "./numbers.js";
import { section } from "./section.js";

/** Values after each epoch, the first epoch first. */
export interface LearningCurves {
  readonly loss: readonly number[];
  readonly valLoss?: readonly number[];
  /** From 0 to 1. */
  readonly accuracy?: readonly number[];
  /** From 0 to 1. */
  readonly valAccuracy?: readonly number[];
  /** The epoch whose weights were kept, from 1; default: that of the lowest validation loss. */
  readonly bestEpoch?: number;
}

/** Loss and accuracy by epoch. */
export function learningSection(curves: LearningCurves): Html {
  const { loss, valLoss, accuracy, valAccuracy } = curves;
  const bestEpoch = curves.bestEpoch ?? epochOfLowest(valLoss ?? []);
  const losses = seriesOf(loss, valLoss);
  const accuracies = seriesOf(accuracy, valAccuracy);
  const charts = [
    lineChart({
      title: "Loss",
      description: describe("Loss", losses, significant),
      series: losses,
      bestEpoch,
      format: significant,
      formatTick: (value, decimals) => (value >= 1e5 || decimals > 5 ? value.toExponential(1) : value.toFixed(decimals)),
    }),
  ];
  if (accuracies.length > 0) {
    charts.push(
      lineChart({
        title: "Accuracy",
        description: describe("Accuracy", accuracies, percent),
        series: accuracies,
        bestEpoch,
        limit: 1,
        format: percent,
        formatTick: (value, decimals) => percent(value, Math.max(0, decimals - 2)),
      }),
    );
  }
  return section("learning", "How it learned", lead(curves, bestEpoch), html`<div class="columns">${charts}</div>`);
}

function lead({ loss, valLoss }: LearningCurves, bestEpoch: number | undefined): string {
  if (bestEpoch === undefined || valLoss === undefined) return `${loss.length} epochs; no rows were held back for validation.`;
  const [train, validation] = [loss[bestEpoch - 1] ?? NaN, valLoss[bestEpoch - 1] ?? NaN];
  return `Best in epoch ${bestEpoch} of ${loss.length}, with a loss of ${significant(train)} on the training rows and ${significant(validation)} on the validation rows. A widening gap between the lines means that the model learns its training rows by heart.`;
}

function seriesOf(train: readonly number[] | undefined, validation: readonly number[] | undefined): Series[] {
  const series: Series[] = [];
  if (train !== undefined && train.length > 0) series.push({ name: "training", values: train, style: "train" });
  if (validation !== undefined && validation.length > 0) {
    series.push({ name: "validation", values: validation, style: "validation" });
  }
  return series;
}

function describe(what: string, series: readonly Series[], format: (value: number) => string): string {
  const changes = series.map(({ name, values }) => `${name} from ${format(values[0]!)} to ${format(values.at(-1)!)}`);
  return `${what} by epoch: ${changes.join(", ")}`;
}

function epochOfLowest(values: readonly number[]): number | undefined {
  let best: number | undefined;
  values.forEach((value, i) => {
    if (Number.isFinite(value) && (best === undefined || value < values[best - 1]!)) best = i + 1;
  });
  return best;
}
