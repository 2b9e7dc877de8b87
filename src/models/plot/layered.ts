/** A box to be placed: its extent along the flow of the graph and across it, in pixels. */
export interface Box {
  readonly along: number;
  readonly across: number;
}

/** From box `from` to box `to`, by their numbers. */
export interface Edge {
  readonly from: number;
  readonly to: number;
}

/** A graph whose edges lead from each layer to the next one: long edges go through vertices without a box. */
export interface Layered {
  /** Vertices of each layer, in the order across. The first ones are the boxes, by their numbers. */
  readonly layers: number[][];
  readonly layerOf: readonly number[];
  /** For each edge of the graph, its vertices from the first box to the last. */
  readonly chains: readonly (readonly number[])[];
  /** The vertices of the layer before, and of the layer after, that each vertex is tied to. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
}

/** Puts boxes in layers, each after those that lead to it; boxes are in an order in which edges lead forward. */
export function layered(boxes: number, edges: readonly Edge[]): Layered {
  const layerOf = Array.from({ length: boxes }, () => 0);
  for (const { from, to } of edges.toSorted((a, b) => a.to - b.to)) layerOf[to] = Math.max(layerOf[to]!, layerOf[from]! + 1);
  // What begins a branch stands right before its first use.
  const hasSource = new Set(edges.map(({ to }) => to));
  for (let box = 0; box < boxes; box++) {
    const uses = edges.filter(({ from }) => from === box).map(({ to }) => layerOf[to]!);
    if (!hasSource.has(box) && uses.length > 0) layerOf[box] = Math.min(...uses) - 1;
  }

  const chains = edges.map(({ from, to }) => {
    const chain = [from];
    for (let layer = layerOf[from]! + 1; layer < layerOf[to]!; layer++) chain.push(layerOf.push(layer) - 1);
    return [...chain, to];
  });
  const layers: number[][] = Array.from({ length: Math.max(-1, ...layerOf) + 1 }, () => []);
  layerOf.forEach((layer, vertex) => layers[layer]!.push(vertex));
  const before: number[][] = layerOf.map(() => []);
  const after: number[][] = layerOf.map(() => []);
  for (const chain of chains) {
    chain.slice(1).forEach((vertex, i) => {
      before[vertex]!.push(chain[i]!);
      after[chain[i]!]!.push(vertex);
    });
  }
  return { layers, layerOf, chains, before, after };
}
