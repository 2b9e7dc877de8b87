import type { Layered } from "./layered.js";

/** Boxes whose middles differ by less stand in one line, in pixels. */
const NEAR = 6;

/** How often all runs are put straight: one that gives way makes room for another. */
const PASSES = 4;

/**
 * Puts runs of vertices on one line where their neighbours leave room: the middle parts of long
 * edges, and boxes that follow each other nearly in a line. `distance` is that between the middles
 * of neighbours.
 */
export function straighten({ layers, before }: Layered, middle: number[], isLine: (vertex: number) => boolean, distance: (a: number, b: number) => number): void {
  const runs = runsOf(layers, before, (a, b) => isLine(a) === isLine(b) && (isLine(a) || Math.abs(middle[a]! - middle[b]!) < NEAR));
  const left = new Map<number, number>();
  const right = new Map<number, number>();
  for (const layer of layers) {
    layer.slice(1).forEach((vertex, i) => {
      left.set(vertex, layer[i]!);
      right.set(layer[i]!, vertex);
    });
  }
  for (let pass = 0; pass < PASSES; pass++) {
    for (const run of runs) {
      const least = Math.max(...run.map((vertex) => bound(left.get(vertex), vertex, 1)));
      const most = Math.min(...run.map((vertex) => bound(right.get(vertex), vertex, -1)));
      const wish = run.map((vertex) => middle[vertex]!).sort((a, b) => a - b)[Math.floor(run.length / 2)]!;
      if (least <= most) for (const vertex of run) middle[vertex] = Math.min(most, Math.max(least, wish));
    }
  }

  function bound(neighbour: number | undefined, vertex: number, side: 1 | -1): number {
    return neighbour === undefined ? -side * Infinity : middle[neighbour]! + side * distance(neighbour, vertex);
  }
}

/** Chains of vertices, each in the layer after the one before it and tied to it; a vertex is in one chain. */
function runsOf(layers: readonly (readonly number[])[], before: Layered["before"], fits: (a: number, b: number) => boolean): number[][] {
  /** The runs that a later vertex may go on with, by their last one. */
  const open = new Map<number, number[]>();
  const runs: number[][] = [];
  for (const vertex of layers.flat()) {
    const last = before[vertex]!.find((other) => open.has(other) && fits(other, vertex));
    const run = last === undefined ? [] : open.get(last)!;
    if (last === undefined) runs.push(run);
    else open.delete(last);
    run.push(vertex);
    open.set(vertex, run);
  }
  return runs.filter(({ length }) => length > 1);
}
