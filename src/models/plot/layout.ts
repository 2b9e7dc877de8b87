import { type Box, type Edge, layered } from "./layered.js";
import { order } from "./order.js";
import { place } from "./place.js";

/** A place in a drawing: along the flow and across it, in pixels from its beginning. */
export interface Point {
  readonly along: number;
  readonly across: number;
}

/** Where boxes and edges lie. */
export interface Layout {
  /** The corner of each box that is nearest to the beginning. */
  readonly corners: readonly Point[];
  /** For each edge, where it goes through: pairs of points along the flow, with bends between the pairs. */
  readonly routes: readonly (readonly Point[])[];
  /** The extent of the whole. */
  readonly size: Box;
}

/** Between layers, in pixels. */
const LAYER_GAP = 34;

/** Boxes in layers that follow each other along the flow. Edges lead from a box to a later one. */
export function layOut(boxes: readonly Box[], edges: readonly Edge[]): Layout {
  const graph = layered(boxes.length, edges);
  order(graph);
  const middles = place(graph, boxes.map(({ across }) => across));
  const first = Math.min(...middles.map((middle, vertex) => middle - (boxes[vertex]?.across ?? 0) / 2));
  const across = (vertex: number): number => middles[vertex]! - first;

  const starts: number[] = [];
  const ends: number[] = [];
  for (const [i, layer] of graph.layers.entries()) {
    starts.push(i === 0 ? 0 : ends[i - 1]! + LAYER_GAP);
    ends.push(starts[i]! + Math.max(0, ...layer.map((vertex) => boxes[vertex]?.along ?? 0)));
  }
  const corners = boxes.map((box, i): Point => {
    const layer = graph.layerOf[i]!;
    return { along: (starts[layer]! + ends[layer]! - box.along) / 2, across: across(i) - box.across / 2 };
  });
  const routes = graph.chains.map((chain) =>
    chain.flatMap((vertex, i): Point[] => {
      const layer = graph.layerOf[vertex]!;
      const corner = corners[vertex];
      const [start, end] = corner === undefined ? [starts[layer]!, ends[layer]!] : [corner.along, corner.along + boxes[vertex]!.along];
      const at = (along: number): Point => ({ along, across: across(vertex) });
      if (i === 0) return [at(end), at(ends[layer]!)];
      return i === chain.length - 1 ? [at(starts[layer]!), at(start)] : [at(start), at(end)];
    }),
  );
  const size = { along: ends.at(-1) ?? 0, across: Math.max(0, ...middles.map((_, vertex) => across(vertex) + (boxes[vertex]?.across ?? 0) / 2)) };
  return { corners, routes, size };
}
