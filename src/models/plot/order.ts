import type { Layered } from "./layered.js";

/** How often all layers are put in order, there and back. */
const SWEEPS = 12;

/** Puts each layer in an order in which few edges cross: every vertex goes to the mean of those it is tied to. */
export function order(graph: Layered): void {
  const { layers, before, after } = graph;
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(graph);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const forward = sweep % 2 === 0;
    for (let step = 1; step < layers.length; step++) {
      const at = forward ? step : layers.length - 1 - step;
      sortByMean(layers[at]!, forward ? before : after, placesIn(layers[forward ? at - 1 : at + 1]!));
    }
    const count = crossings(graph);
    if (count >= fewest) continue;
    fewest = count;
    best = layers.map((layer) => [...layer]);
  }
  layers.splice(0, layers.length, ...best);
}

/** How many pairs of edges cross. */
export function crossings({ layers, after }: Layered): number {
  let count = 0;
  for (const [i, layer] of layers.slice(0, -1).entries()) {
    const places = placesIn(layers[i + 1]!);
    const ends = layer.map((vertex) => after[vertex]!.map((next) => places.get(next)!));
    // Ends that come later in the layer before, but earlier in this one.
    const seen: number[] = [];
    for (const list of ends) {
      for (const end of list) count += seen.filter((other) => other > end).length;
      seen.push(...list);
    }
  }
  return count;
}

function sortByMean(layer: number[], ties: readonly (readonly number[])[], places: ReadonlyMap<number, number>): void {
  const own = placesIn(layer);
  const means = new Map(
    layer.map((vertex) => {
      const tied = ties[vertex]!;
      return [vertex, tied.length === 0 ? own.get(vertex)! : tied.reduce((sum, other) => sum + places.get(other)!, 0) / tied.length];
    }),
  );
  layer.sort((a, b) => means.get(a)! - means.get(b)! || own.get(a)! - own.get(b)!);
}

function placesIn(layer: readonly number[]): Map<number, number> {
  return new Map(layer.map((vertex, place) => [vertex, place]));
}
