import type { ClassificationReport, ConfusedPair } from "../classificationReport.js";
import { type Html, html } from "./html.js";
import { count, percent } from "./numbers.js";
import { section } from "./section.js";

/** A larger matrix is cut to the classes with the most mistakes. */
const MAX_CLASSES = 30;
/** From more classes on, cells are small and the matrix takes the whole width. */
const DENSE_CLASSES = 12;
const MAX_PAIRS = 8;

/** The confusion matrix as a shaded table, and the commonest mistakes. */
export function confusionSection(report: ClassificationReport): Html {
  const ids = shownClasses(report);
  const cut = ids.length < report.classNames.length ? ` Shown are the ${ids.length} classes with the most mistakes.` : "";
  const dense = ids.length > DENSE_CLASSES;
  return section(
    "confusion",
    "What it takes for what",
    `Each line is a true class, each column a prediction: right answers lie on the diagonal, and everything off it is a mistake.${cut}`,
    html`<div class="columns ${dense ? "stacked" : "uneven"}"><div class="scroll" tabindex="0" role="group" aria-label="Confusion matrix">${matrix(report, ids, dense)}</div>${pairs(report)}</div>`,
  );
}

function shownClasses({ classNames, confusion, confusedPairs }: ClassificationReport): number[] {
  const all = confusion.map((_, id) => id);
  if (classNames.length <= MAX_CLASSES) return all;
  const mistakes = all.map(() => 0);
  for (const { label, predicted, count: rows } of confusedPairs) {
    mistakes[label]! += rows;
    mistakes[predicted]! += rows;
  }
  return all.toSorted((a, b) => mistakes[b]! - mistakes[a]!).slice(0, MAX_CLASSES).sort((a, b) => a - b);
}

function matrix({ classNames, confusion, confusedPairs, perClass }: ClassificationReport, ids: readonly number[], dense: boolean): Html {
  const worst = Math.max(...confusedPairs.map(({ share }) => share), Number.MIN_VALUE);
  const upright = ids.length > 6 && ids.some((id) => classNames[id]!.length > 3);
  const cell = (label: number, predicted: number) => {
    const rows = confusion[label]![predicted]!;
    const share = rows / Math.max(1, perClass[label]!.support);
    const right = label === predicted;
    // Mistakes are shaded against the worst one, by square root: among many right answers the rare ones must show.
    const shade = right ? share : Math.sqrt(share / worst);
    const style = `${right ? "right" : "wrong"}${shade > 0.85 ? " deep" : shade > 0.5 ? " middle" : ""}`;
    const what = right ? "recognised" : `taken for ${classNames[predicted]!}`;
    const words = `${classNames[label]!} ${what}: ${count(rows)} (${percent(share)})`;
    if (rows === 0) return html`<td class="none"><span class="hidden">0</span></td>`;
    return html`<td class="${style}" style="--shade:${(100 * shade).toFixed(0)}%" title="${words}">${count(rows)}</td>`;
  };
  return html`<table class="heat${upright ? " upright" : ""}${dense ? " dense" : ""}">
    <caption>Rows by true class (lines) and predicted class (columns)</caption>
    <thead><tr><th scope="col" class="corner">true ↓${"\n"}predicted →</th>${ids.map((id) => html`<th scope="col"><span>${classNames[id]}</span></th>`)}</tr></thead>
    <tbody>${ids.map((label) => html`<tr><th scope="row">${classNames[label]}</th>${ids.map((predicted) => cell(label, predicted))}</tr>`)}</tbody>
  </table>`;
}

function pairs({ classNames, confusedPairs }: ClassificationReport): Html {
  if (confusedPairs.length === 0) return html`<p>Not one mistake.</p>`;
  const line = ({ label, predicted, count: rows, share }: ConfusedPair) =>
    html`<li><span><b>${classNames[label]}</b> taken for <b>${classNames[predicted]}</b></span><span class="aside">${count(rows)} <small>(${percent(share)} of ${classNames[label]})</small></span></li>`;
  return html`<div><h3>Commonest mistakes</h3><ol class="pairs">${confusedPairs.slice(0, MAX_PAIRS).map(line)}</ol></div>`;
}
