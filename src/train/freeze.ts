import type { Layer } from "../layers/layer.js";
import { Variable } from "../layers/variable.js";
import { matcher, namesIn, noMatch, type PathPattern } from "./pattern.js";
import type { Trainable } from "./trainable.js";

/** The layers that a pattern means, and single weights in none of them, with their paths. */
export interface Meant {
  readonly layers: ReadonlyMap<Layer, string>;
  readonly variables: ReadonlyMap<Variable, string>;
}

/**
 * Freezes the layers that a pattern means, with all that lies inside them, and the single weights
 * that it means, or frees them again. Gives their paths.
 *
 * @throws UNKNOWN_NAME when it means none
 */
export function setTrainable(where: string, model: Trainable, pattern: PathPattern, trainable: boolean): string[] {
  const { layers, variables } = meantBy(where, model, pattern);
  for (const layer of layers.keys()) {
    if (trainable) {
      freeAround(model, layer);
      for (const variable of layer.variables) variable.frozen = false;
    }
    for (const each of [layer, ...layer.layerPaths.keys()]) each.trainable = trainable;
  }
  for (const variable of variables.keys()) {
    if (trainable) freeAround(model, variable);
    variable.frozen = !trainable;
  }
  return [...layers.values(), ...variables.values()];
}

/** What a pattern means in a model. @throws UNKNOWN_NAME when it means nothing */
export function meantBy(where: string, model: Trainable, pattern: PathPattern): Meant {
  const means = matcher(where, pattern);
  const namesOf = namesIn(model);
  const layers = new Map([...model.layerPaths].filter(([, path]) => means(path)));
  const inside = new Set([...layers.keys()].flatMap((layer) => layer.variables));
  const single = model.variables.filter((variable) => variable.trainable && !inside.has(variable));
  const variables = single.filter((variable) => namesOf(variable).some(means));
  if (layers.size > 0 || variables.length > 0) return { layers, variables: new Map(variables.map((variable) => [variable, model.pathOf(variable)])) };
  throw noMatch(where, "layers and weights", String(pattern), [...model.layerPaths.values(), ...single.flatMap(namesOf)]);
}

/** Frees frozen layers that hold a layer or weight, so that it can be trained; what else lies in them stays frozen. */
export function freeAround(model: Trainable, part: Layer | Variable): void {
  // Outer layers come first.
  for (const outer of model.layerPaths.keys()) {
    if (outer.trainable || outer === part || !(part instanceof Variable ? outer.variables.includes(part) : outer.layerPaths.has(part))) continue;
    outer.trainable = true;
    for (const inside of outer.inner.keys()) inside.trainable = false;
    const deeper = new Set([...outer.inner.keys()].flatMap((inside) => inside.variables));
    for (const variable of outer.variables) if (!deeper.has(variable)) variable.frozen = true;
  }
}
