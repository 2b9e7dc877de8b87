import { formatShape } from "../tensor/shape.js";
import type { Model } from "./model.js";

/** The heads of the summary's columns. */
export const SUMMARY_COLUMNS: readonly string[] = ["Layer", "Output shape", "Parameters", "From"];

/** The rows of a model's summary: name and kind, output shape, parameters, and where its inputs come from. */
export function summaryRows(model: Model): string[][] {
  const counted = new Set<object>();
  const nameOf = new Map<unknown, string>(model.inputs.map((input, i) => [input, model.inputNames[i]!]));
  const rows = model.inputs.map((input, i) => [`${model.inputNames[i]} (Input)`, formatShape(input.shape), "0", ""]);
  for (const { layer, inputs, outputs } of model.calls) {
    const name = model.layerNames[model.layers.indexOf(layer)]!;
    outputs.forEach((output) => nameOf.set(output, name));
    const count = layer.variables.reduce((sum, variable) => sum + variable.size, 0);
    const shown = counted.has(layer) ? "shared" : `${count.toLocaleString("en")}${layer.trainable ? "" : " frozen"}`;
    counted.add(layer);
    rows.push([
      `${name} (${layer.className})`,
      outputs.map((output) => formatShape(output.shape)).join(" "),
      shown,
      inputs.map((input) => nameOf.get(input) ?? "").join(", "),
    ]);
  }
  return rows;
}

/** A model as a table for a terminal. */
export function formatSummary(model: Model): string {
  const table = [[...SUMMARY_COLUMNS], ...summaryRows(model)];
  // Where layers stand in a row, naming each one's source adds nothing.
  const columns = model.calls.every((call, i) => call.inputs.length === 1 && call.inputs[0] === (model.calls[i - 1]?.outputs[0] ?? model.inputs[0])) ? 3 : 4;
  const widths = Array.from({ length: columns }, (_, c) => Math.max(...table.map((row) => row[c]!.length)));
  const line = (row: readonly string[]): string =>
    widths.map((width, c) => (c === 2 ? row[c]!.padStart(width) : row[c]!.padEnd(width))).join("  ").trimEnd();
  const rule = "─".repeat(widths.reduce((a, b) => a + b, 0) + 2 * (columns - 1));
  const trainable = model.trainableVariables.reduce((sum, variable) => sum + variable.size, 0);
  const total = model.parameterCount;
  const megabytes = ((total * 4) / 2 ** 20).toFixed(2);
  return [
    line(table[0]!),
    rule,
    ...table.slice(1).map(line),
    rule,
    `${total.toLocaleString("en")} parameters (${megabytes} MiB), ${trainable.toLocaleString("en")} trainable`,
  ].join("\n");
}
