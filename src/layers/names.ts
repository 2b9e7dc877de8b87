import type { Layer } from "./layer.js";

/** Names for layers inside another one, each once: a name that comes again is numbered. */
export function namesInside(layers: readonly Layer[]): string[] {
  const taken = new Set<string>();
  return layers.map((layer) => {
    let name = layer.name;
    for (let n = 1; taken.has(name); n++) name = `${layer.name}_${n}`;
    taken.add(name);
    return name;
  });
}
