import type { Calibration, CalibrationBin } from "../calibration.js";
import { type Html, html } from "./html.js";
import { count, coordinate as at, percent } from "./numbers.js";
import { section } from "./section.js";

const SIZE = 340;
const LEFT = 58;
const RIGHT = SIZE - 12;
const TOP = 12;
const BOTTOM = SIZE - 44;

const x = (share: number) => at(LEFT + share * (RIGHT - LEFT));
const y = (share: number) => at(BOTTOM - share * (BOTTOM - TOP));

/** Whether the model is as often right as it is sure. */
export function calibrationSection({ bins, error }: Calibration): Html {
  const filled = bins.filter(({ rows }) => rows > 0);
  return section(
    "calibration",
    "Can its confidence be trusted?",
    `A well calibrated model is right 8 times in 10 when it says 80 %: its bars end on the dashed line. Here confidence and accuracy differ by ${(100 * error).toFixed(1)} points on average.`,
    html`<div class="columns"><figure class="chart square">
      <svg viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label="Accuracy by confidence; the table beside has the same numbers">
        ${[0, 0.25, 0.5, 0.75, 1].map(gridLine)}
        ${filled.map(bar)}
        <line class="ideal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>
        ${filled.map(dot)}
        <text x="${x(0.5)}" y="${SIZE - 6}" text-anchor="middle">confidence</text>
        <text x="${-y(0.5)}" y="11" text-anchor="middle" transform="rotate(-90)">accuracy</text>
      </svg></figure>
      <div class="scroll" tabindex="0" role="group" aria-label="Accuracy by confidence"><table>
        <caption class="hidden">Accuracy by confidence</caption>
        <thead><tr><th scope="col">Confidence</th><th scope="col">Rows</th><th scope="col">Mean</th><th scope="col">Right</th></tr></thead>
        <tbody>${filled.map(
          (bin) => html`<tr><th scope="row">${range(bin)}</th><td>${count(bin.rows)}</td><td>${percent(bin.confidence)}</td><td>${percent(bin.accuracy)}</td></tr>`,
        )}</tbody>
      </table></div></div>`,
  );
}

function gridLine(share: number): Html {
  const label = percent(share, 0);
  return html`<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y(share)}" y2="${y(share)}"/>
    <text x="${LEFT - 6}" y="${y(share) + 4}" text-anchor="end">${label}</text>
    <text x="${x(share)}" y="${BOTTOM + 17}" text-anchor="${share === 1 ? "end" : "middle"}">${label}</text>`;
}

function bar(bin: CalibrationBin): Html {
  const width = x(bin.to) - x(bin.from) - 2;
  return html`<g class="bin"><title>${words(bin)}</title><rect x="${x(bin.from) + 1}" y="${y(bin.accuracy)}" width="${at(width)}" height="${at(BOTTOM - y(bin.accuracy))}"/></g>`;
}

function dot(bin: CalibrationBin): Html {
  return html`<circle class="validation" cx="${x(bin.confidence)}" cy="${y(bin.accuracy)}" r="4"><title>${words(bin)}</title></circle>`;
}

function words(bin: CalibrationBin): string {
  return `confidence ${range(bin)}: right on ${percent(bin.accuracy)} of ${count(bin.rows)} rows`;
}

function range({ from, to }: CalibrationBin): string {
  return `${(100 * from).toFixed(0)} to ${percent(to, 0)}`;
}
