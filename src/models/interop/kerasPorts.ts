import type { SymbolicTensor } from "../../layers/symbolic.js";
import type { Model } from "../model.js";

/** How Keras holds the outputs of a model: one, a list, or by names of their own. */
export type PortKind = "one" | "list" | "named";

/** Several outputs keep their names unless these are the default ones, or their layers'. */
export function outputKind(model: Model): PortKind {
  if (model.outputs.length === 1) return "one";
  const plain = model.outputNames.every((name) => /^output(_\d+)?$/.test(name));
  const ofLayers = model.outputs.every(({ origin }, i) => origin !== undefined && model.layerNames[model.layers.indexOf(origin.layer)] === model.outputNames[i]);
  return plain || ofLayers ? "list" : "named";
}

/** The outputs in the order in which Keras goes through them: named ones by their names. */
export function outputOrder(model: Model): readonly SymbolicTensor[] {
  if (outputKind(model) !== "named") return model.outputs;
  const named = model.outputs.map((tensor, i) => ({ name: model.outputNames[i]!, tensor }));
  return named.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ tensor }) => tensor);
}
