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

/** The numbers of the outputs in the order in which Keras goes through them: named ones by their names. */
export function outputOrder(model: Model): readonly number[] {
  const places = [...model.outputs.keys()];
  const names = model.outputNames;
  return outputKind(model) === "named" ? places.sort((a, b) => (names[a]! < names[b]! ? -1 : 1)) : places;
}
