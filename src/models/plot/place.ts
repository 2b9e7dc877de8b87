import type { Layered } from "./layered.js";
import { straighten } from "./straighten.js";

/** How often all layers are moved, there and back: by one side's ties, and then by those of both. */
const SWEEPS = 16;
const STRAIGHTENING_SWEEPS = 60;

/** Between boxes that stand side by side, in pixels. */
const GAP = 28;

/** Between lines, or a line and a box, in pixels. */
const LINE_GAP = 18;

/**
 * Where the middle of each vertex comes to lie across the flow: as near to those that it is tied to
 * as the order and the gaps of its layer allow. Edges between boxes, and the middle parts of long
 * ones, are kept straight before others; a few edges that bend are better than many that lean.
 */
export function place(graph: Layered, across: readonly number[]): number[] {
  const { layers, before, after } = graph;
  const isLine = (vertex: number): boolean => vertex >= across.length;
  const width = (vertex: number): number => across[vertex] ?? 0;
  const distance = (a: number, b: number): number => (width(a) + width(b)) / 2 + (isLine(a) || isLine(b) ? LINE_GAP : GAP);
  const middle: number[] = [];
  // Divided by the distance, squares weigh as distances do, and their least sum leaves most edges straight.
  const weight = (a: number, b: number): number => (isLine(a) === isLine(b) ? 8 : 1) / Math.max(1, Math.abs(middle[a]! - middle[b]!));
  for (const layer of layers) {
    let at = 0;
    layer.forEach((vertex, i) => {
      at += i === 0 ? 0 : distance(layer[i - 1]!, vertex);
      middle[vertex] = at;
    });
    for (const vertex of layer) middle[vertex]! -= at / 2;
  }
  const move = (layer: readonly number[], ties: (vertex: number) => readonly number[]): void => {
    const wishes = layer.map((vertex) => {
      const tied = ties(vertex);
      const total = tied.reduce((sum, other) => sum + weight(vertex, other), 0);
      // What is tied to nothing gives way to all else.
      if (total === 0) return { at: middle[vertex]!, weight: 0.01 };
      return { at: tied.reduce((sum, other) => sum + weight(vertex, other) * middle[other]!, 0) / total, weight: total };
    });
    const offsets: number[] = [0];
    for (let i = 1; i < layer.length; i++) offsets.push(offsets[i - 1]! + distance(layer[i - 1]!, layer[i]!));
    rising(wishes.map(({ at, weight: w }, i) => ({ at: at - offsets[i]!, weight: w }))).forEach((at, i) => (middle[layer[i]!] = at + offsets[i]!));
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const layer of layers) move(layer, (vertex) => before[vertex]!);
    for (const layer of layers.toReversed()) move(layer, (vertex) => after[vertex]!);
  }
  for (let sweep = 0; sweep < STRAIGHTENING_SWEEPS; sweep++) {
    for (const layer of sweep % 2 === 0 ? layers : layers.toReversed()) move(layer, (vertex) => [...before[vertex]!, ...after[vertex]!]);
  }
  straighten(graph, middle, isLine, distance);
  return middle;
}

/** The rising sequence nearest to the wishes by weighted squares: neighbours that fall are put together at their mean. */
function rising(wishes: readonly { readonly at: number; readonly weight: number }[]): number[] {
  const groups: { at: number; weight: number; count: number }[] = [];
  for (const wish of wishes) {
    let group = { ...wish, count: 1 };
    for (let last = groups.at(-1); last !== undefined && last.at > group.at; last = groups.at(-1)) {
      groups.pop();
      const weight = last.weight + group.weight;
      group = { at: (last.at * last.weight + group.at * group.weight) / weight, weight, count: last.count + group.count };
    }
    groups.push(group);
  }
  return groups.flatMap(({ at, count }) => Array.from({ length: count }, () => at));
}
