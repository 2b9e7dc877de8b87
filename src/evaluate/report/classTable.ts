import type { ClassificationReport } from "../classificationReport.js";
import { type Html, html } from "./html.js";
import { count, percent } from "./numbers.js";
import { section } from "./section.js";

/** Precision, recall and F1 of each class, with bars. */
export function classSection({ perClass, macro, rows }: ClassificationReport): Html {
  return section(
    "classes",
    "Class by class",
    "Precision: of the rows given this class, the share that has it. Recall: of the rows that have it, the share that was found. F1 is high only when both are.",
    html`<div class="scroll" tabindex="0" role="group" aria-label="Scores of each class"><table class="classes">
      <caption class="hidden">Scores of each class</caption>
      <thead><tr><th scope="col">Class</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col">F1</th><th scope="col">Rows</th></tr></thead>
      <tbody>${perClass.map((scores) => row(scores.name, scores, scores.support))}</tbody>
      <tfoot>${row("mean", macro, rows)}</tfoot>
    </table></div>`,
  );
}

function row(name: string, scores: ClassificationReport["macro"], rows: number): Html {
  const cells = [scores.precision, scores.recall, scores.f1].map(
    (value) => html`<td><span class="number">${percent(value)}</span><span class="meter" aria-hidden="true"><span style="width:${(100 * value).toFixed(1)}%"></span></span></td>`,
  );
  return html`<tr><th scope="row">${name}</th>${cells}<td>${count(rows)}</td></tr>`;
}
