import type { Layer } from "../layers/layer.js";
import { matcher, noMatch, type PathPattern } from "./pattern.js";
import type { Trainable } from "./trainable.js";

/**
 * Freezes the layers that a pattern means, and all that lies inside them, or frees them again.
 * Gives their paths.
 *
 * @throws UNKNOWN_NAME when it means no layer
 */
export function setTrainable(where: string, model: Trainable, pattern: PathPattern, trainable: boolean): string[] {
  const means = matcher(where, pattern);
  const meant = [...model.layerPaths].filter(([, path]) => means(path));
  if (meant.length === 0) {
    const single = model.variables.some((variable) => means(model.pathOf(variable)));
    const fix = single ? "it means single weights; hold them by compile({ groups: [{ match, learningRateMultiplier: 0 }] })" : undefined;
    throw noMatch(where, "layers", String(pattern), [...model.layerPaths.values()], fix);
  }
  for (const [layer] of meant) {
    if (trainable) freeAround(model, layer);
    for (const each of [layer, ...layer.layerPaths.keys()]) each.trainable = trainable;
  }
  return meant.map(([, path]) => path);
}

/** Frees frozen layers that hold a layer, so that it can be trained; what else lies in them stays frozen. */
function freeAround(model: Trainable, layer: Layer): void {
  // Outer layers come first.
  for (const outer of model.layerPaths.keys()) {
    if (outer.trainable || outer === layer || !outer.layerPaths.has(layer)) continue;
    outer.trainable = true;
    for (const inside of outer.inner.keys()) inside.trainable = false;
  }
}
