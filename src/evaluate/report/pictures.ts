import { NacreError } from "../../error.js";
import { checkClassIds } from "../classIds.js";
import type { WrongRow } from "../classificationReport.js";
import { type Pixels, bitmapUrl } from "./bitmap.js";
import { type Html, html } from "./html.js";
import { count, percent } from "./numbers.js";
import { section } from "./section.js";

/** A sample that the model got wrong, as a picture. */
export interface ReportPicture extends Pixels {
  /** Its row in the held-out set, from 0. */
  readonly row: number;
  /** True class, from 0. */
  readonly label: number;
  /** Predicted class, from 0. */
  readonly predicted: number;
  /** Probability given to the predicted class, from 0 to 1. */
  readonly probability: number;
}

const LEAD =
  "Wrong answers that the model was surest of. They often show mislabelled rows, rare forms, or what the training rows lack.";

/** The surest mistakes as pictures. */
export function picturesSection(pictures: readonly ReportPicture[], classNames: readonly string[]): Html {
  return section("wrong", "Most wrong", LEAD, html`<ul class="pictures">${pictures.map((picture) => item(picture, classNames))}</ul>`);
}

/** The surest mistakes as a table, for data that has no picture. */
export function wrongRowsSection(rows: readonly WrongRow[], classNames: readonly string[]): Html {
  const line = ({ row, label, predicted, confidence, labelProbability }: WrongRow) =>
    html`<tr><th scope="row">${count(row)}</th><td>${classNames[label]}</td><td>${classNames[predicted]}</td><td>${percent(confidence)}</td><td>${percent(labelProbability)}</td></tr>`;
  return section(
    "wrong",
    "Most wrong",
    LEAD,
    html`<div class="scroll" tabindex="0" role="group" aria-label="Surest mistakes"><table>
      <caption class="hidden">Surest mistakes</caption>
      <thead><tr><th scope="col">Row</th><th scope="col">True</th><th scope="col">Predicted</th><th scope="col">Confidence</th><th scope="col">Given to the truth</th></tr></thead>
      <tbody>${rows.map(line)}</tbody>
    </table></div>`,
  );
}

function item(picture: ReportPicture, classNames: readonly string[]): Html {
  checkPicture(picture, classNames);
  const { label, predicted, probability, row, width, height } = picture;
  const words = `Row ${row}: ${classNames[label]!} taken for ${classNames[predicted]!}, ${percent(probability)} sure`;
  return html`<li><figure>
    <img src="${bitmapUrl(picture)}" width="${width}" height="${height}" alt="${words}">
    <figcaption><b>${classNames[label]}</b> taken for <b class="miss">${classNames[predicted]}</b><small>${percent(probability, 0)} sure · row ${count(row)}</small></figcaption>
  </figure></li>`;
}

function checkPicture({ width, height, channels, pixels, row, label, predicted }: ReportPicture, classNames: readonly string[]): void {
  const where = `htmlReport: picture of row ${row}`;
  checkClassIds(where, "label and prediction", [label, predicted], classNames.length, 2);
  const isSize = [width, height].every((side) => Number.isInteger(side) && side > 0);
  if (isSize && (channels === 1 || channels === 3) && pixels.length === width * height * channels) return;
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: "width × height × channels pixels, with 1 or 3 channels",
    received: `${pixels.length} pixels for ${width} × ${height} × ${channels}`,
  });
}
