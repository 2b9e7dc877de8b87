import { type Html, type Piece, html } from "./html.js";
import { coordinate as at } from "./numbers.js";
import { niceTicks, wholeTicks } from "./ticks.js";

/** One line of a chart: a value for each epoch. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  /** Which of the page's line styles it takes. */
  readonly style: "train" | "validation";
}

/** What {@link lineChart} takes. */
export interface LineChartInput {
  readonly title: string;
  /** In words, for those who do not see the lines. */
  readonly description: string;
  readonly series: readonly Series[];
  /** Epoch to mark, from 1. */
  readonly bestEpoch: number | undefined;
  /** The axis never goes past this value. */
  readonly limit?: number;
  readonly format: (value: number) => string;
  readonly formatTick: (value: number, decimals: number) => string;
}

const WIDTH = 480;
const HEIGHT = 270;
const LEFT = 48;
const RIGHT = WIDTH - 14;
const TOP = 24;
const BOTTOM = HEIGHT - 40;

/** More spots that answer the mouse would only make the file larger. */
const MAX_SPOTS = 200;

/** Values by epoch as a line chart, with a tooltip for each epoch. */
export function lineChart(input: LineChartInput): Html {
  const { title, description, series, bestEpoch, formatTick } = input;
  const epochs = Math.max(...series.map(({ values }) => values.length));
  const finite = series.flatMap(({ values }) => values.filter(Number.isFinite));
  const ticks = valueTicks(finite, input.limit);
  const [low, high] = [ticks.values[0]!, ticks.values.at(-1)!];
  const x = (epoch: number) => at(epochs === 1 ? (LEFT + RIGHT) / 2 : LEFT + ((RIGHT - LEFT) * (epoch - 1)) / (epochs - 1));
  const y = (value: number) => at(BOTTOM - ((BOTTOM - TOP) * (value - low)) / (high - low));

  const grid = ticks.values.map(
    (value) => html`<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y(value)}" y2="${y(value)}"/>
      <text x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end">${formatTick(value, ticks.decimals)}</text>`,
  );
  const epochLabels = wholeTicks(epochs, 6).map(
    (epoch) => html`<text x="${x(epoch)}" y="${BOTTOM + 18}" text-anchor="middle">${epoch}</text>`,
  );
  const lines = series.map(
    ({ values, style }) => html`<path class="line ${style}" d="${linePath(values, x, y)}"/>`,
  );
  return html`<figure class="chart">
    <figcaption><b>${title}</b>${series.map(({ name, style }) => html` <span class="key ${style}">${name}</span>`)}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${description}">
      ${grid}${epochLabels}
      <text x="${RIGHT}" y="${HEIGHT - 4}" text-anchor="end">epoch</text>
      ${bestEpoch === undefined ? undefined : bestMark(bestEpoch, x(bestEpoch))}
      ${lines}${spots(input, epochs, x, y)}
    </svg>
  </figure>`;
}

function valueTicks(finite: readonly number[], limit = Infinity) {
  const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const high = finite.reduce((most, value) => Math.max(most, value), -Infinity);
  if (finite.length === 0) return niceTicks(0, 1, 5);
  // A loss falls towards 0, so 0 belongs on its axis unless all values are far from it.
  const bottom = low >= 0 && low < high / 2 ? 0 : low;
  const ticks = niceTicks(bottom, high, 5);
  const values = ticks.values.filter((value) => value <= limit + 1e-9);
  return values.length > 1 ? { ...ticks, values } : niceTicks(limit - 0.1, limit, 5);
}

/** The line, broken where a value is not finite. */
function linePath(values: readonly number[], x: (epoch: number) => number, y: (value: number) => number): string {
  let pen = "M";
  let path = "";
  values.forEach((value, i) => {
    if (Number.isFinite(value)) path += `${pen}${x(i + 1)} ${y(value)}`;
    pen = Number.isFinite(value) ? "L" : "M";
  });
  return path;
}

function bestMark(epoch: number, x: number): Html {
  const anchor = x > WIDTH * 0.8 ? "end" : x < WIDTH * 0.2 ? "start" : "middle";
  return html`<line class="best" x1="${x}" x2="${x}" y1="${TOP}" y2="${BOTTOM}"/>
    <text class="best" x="${x}" y="${TOP - 9}" text-anchor="${anchor}">best: epoch ${epoch}</text>`;
}

/** Strips over the chart, each showing its epoch's points and, as tooltip, their values. */
function spots(
  { series, format }: LineChartInput,
  epochs: number,
  x: (epoch: number) => number,
  y: (value: number) => number,
): Piece {
  const stride = Math.ceil(epochs / MAX_SPOTS);
  const width = at(((RIGHT - LEFT) * stride) / Math.max(1, epochs - 1));
  const found: Html[] = [];
  for (let epoch = 1; epoch <= epochs; epoch += stride) {
    const known = series.filter(({ values }) => Number.isFinite(values[epoch - 1]));
    const words = known.map(({ name, values }) => `${name} ${format(values[epoch - 1]!)}`).join(", ");
    const dots = known.map(
      ({ values, style }) => html`<circle class="${style}" cx="${x(epoch)}" cy="${y(values[epoch - 1]!)}" r="4"/>`,
    );
    found.push(html`<g class="spot${epochs === 1 ? " shown" : ""}"><title>epoch ${epoch}: ${words}</title><rect x="${at(x(epoch) - width / 2)}" y="${TOP}" width="${width}" height="${BOTTOM - TOP}"/>${dots}</g>`);
  }
  return found;
}
