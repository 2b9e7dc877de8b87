import { type Html, type Piece, html } from "./html.js";
import { section } from "./section.js";

/** Something to know, such as `rows: 1,797`. */
export interface Fact {
  readonly label: string;
  readonly value: string | number;
  /** Marks what is fine and what to look into; default: neither. */
  readonly mark?: "good" | "warning";
}

/** A table that says itself what its columns are, such as a model's summary. */
export interface PlainTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What is known of the data. */
export function auditSection(facts: readonly Fact[]): Html {
  return section("data", "The data", "What the audit found before training; marked lines deserve a look.", factTable(facts, "Data audit"));
}

/** The layers of the model. */
export function modelSection({ columns, rows }: PlainTable): Html {
  const line = ([first, ...rest]: readonly (string | number)[]) =>
    html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  return section(
    "model",
    "The model",
    "Its layers from input to output.",
    html`<div class="scroll" tabindex="0" role="group" aria-label="Layers"><table class="plain">
      <caption class="hidden">Layers</caption>
      <thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${rows.map(line)}</tbody>
    </table></div>`,
  );
}

/** Where it ran and how to run it again. */
export function reproduceSection(environment: readonly Fact[], command: string | undefined): Html {
  const run: Piece = command === undefined ? undefined : html`<pre tabindex="0"><code>${command}</code></pre>`;
  return section(
    "reproduce",
    "Run it again",
    "With the same versions and seed the numbers come out the same.",
    html`${run}${environment.length === 0 ? undefined : factTable(environment, "Environment")}`,
  );
}

function factTable(facts: readonly Fact[], caption: string): Html {
  const line = ({ label, value, mark }: Fact) =>
    html`<tr><th scope="row">${label}</th><td>${mark === undefined ? undefined : html`<span class="mark ${mark}">${mark === "good" ? "✓ fine" : "! look"}</span> `}${value}</td></tr>`;
  return html`<table class="facts"><caption class="hidden">${caption}</caption><tbody>${facts.map(line)}</tbody></table>`;
}
