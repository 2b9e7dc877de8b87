import type { ClassificationReport } from "../classificationReport.js";
import { type Html, type Piece, html } from "./html.js";
import { count, duration, pValueText, percent } from "./numbers.js";

/** A simpler way to predict the same rows. */
export interface Baseline {
  readonly name: string;
  /** From 0 to 1. */
  readonly accuracy: number;
  /** Of the difference to the model, as by `compareToBaseline`. */
  readonly pValue?: number;
}

/** What {@link summary} takes. */
export interface SummaryInput {
  readonly evaluation: ClassificationReport;
  readonly baselines: readonly Baseline[];
  readonly parameters: number | undefined;
  readonly trainingSeconds: number | undefined;
  readonly seed: number | undefined;
}

/** The numbers to know first: cards, and bars against the baselines. */
export function summary(input: SummaryInput): Html {
  const { evaluation, baselines, parameters, trainingSeconds, seed } = input;
  const { accuracy, accuracyInterval: interval, balancedAccuracy, macro, correct, rows } = evaluation;
  const best = strongest(baselines);
  return html`<div class="cards">
    ${card("Held-out accuracy", percent(accuracy), `95 % interval ${percent(interval.low)} to ${percent(interval.high)}`, "hero")}
    ${best && card("Gain over baseline", points(accuracy - best.accuracy), gainNote(best))}
    ${card("Held-out rows", count(rows), `${count(correct)} right, ${count(rows - correct)} wrong`)}
    ${card("Balanced accuracy", percent(balancedAccuracy), `macro F1 ${percent(macro.f1)}`)}
    ${parameters === undefined ? undefined : card("Parameters", count(parameters), "numbers learned")}
    ${trainingSeconds === undefined ? undefined : card("Training time", duration(trainingSeconds), "wall clock")}
    ${seed === undefined ? undefined : card("Seed", String(seed), "same seed, same model")}
  </div>
  ${baselines.length === 0 ? undefined : bars(evaluation, baselines)}`;
}

/** The result in one sentence. */
export function verdict({ evaluation, baselines }: Pick<SummaryInput, "evaluation" | "baselines">): string {
  const { accuracy, accuracyInterval: interval, correct, rows } = evaluation;
  const result = `The model is right on ${count(correct)} of ${count(rows)} rows that it never saw in training: ${percent(accuracy)}, with a 95 % interval from ${percent(interval.low)} to ${percent(interval.high)}.`;
  const best = strongest(baselines);
  if (best === undefined) return result;
  const gain = accuracy - best.accuracy;
  if (gain <= 0) return `${result} It does not beat the best baseline, ${best.name} (${percent(best.accuracy)}).`;
  const doubt = best.pValue !== undefined && best.pValue > 0.05 ? ", which may be luck" : "";
  return `${result} That is ${points(gain)} over the best baseline, ${best.name} (${percent(best.accuracy)})${doubt}.`;
}

function strongest(baselines: readonly Baseline[]): Baseline | undefined {
  return baselines.toSorted((a, b) => b.accuracy - a.accuracy)[0];
}

function points(gain: number): string {
  return `${gain < 0 ? "−" : "+"}${Math.abs(100 * gain).toFixed(1)} points`;
}

function gainNote({ name, pValue }: Baseline): string {
  return pValue === undefined ? `over ${name}` : `over ${name}, ${pValueText(pValue)}`;
}

function card(label: string, value: string, note: string, style = ""): Html {
  return html`<div class="card ${style}"><div class="label">${label}</div><div class="value">${value}</div><div class="note">${note}</div></div>`;
}

function bars({ accuracy, accuracyInterval: interval }: ClassificationReport, baselines: readonly Baseline[]): Html {
  const whisker = html`<span class="whisker" style="left:${shown(interval.low)};right:${shown(1 - interval.high)}"></span>`;
  return html`<table class="bars">
    <caption>Accuracy against the baselines; the bracket is the 95 % interval</caption>
    <thead class="hidden"><tr><th scope="col">Method</th><th scope="col">Bar</th><th scope="col">Accuracy</th></tr></thead>
    <tbody>
      ${baselines.toSorted((a, b) => a.accuracy - b.accuracy).map(({ name, accuracy: value }) => barRow(name, value, "", undefined))}
      ${barRow("this model", accuracy, "own", whisker)}
    </tbody>
  </table>`;
}

function barRow(name: string, value: number, style: string, extra: Piece): Html {
  return html`<tr class="${style}"><th scope="row">${name}</th><td class="track"><div><span class="fill" style="width:${shown(value)}"></span>${extra}</div></td><td>${percent(value)}</td></tr>`;
}

function shown(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}
