import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Box, type Edge, layered } from "./layered.js";
import { layOut } from "./layout.js";
import { crossings, order } from "./order.js";

const square: Box = { along: 10, across: 10 };
const edgesOf = (...pairs: readonly (readonly [number, number])[]): Edge[] => pairs.map(([from, to]) => ({ from, to }));

/** Boxes of any size, and edges that lead forward, each once. */
const graphs = fc
  .array(fc.record({ along: fc.integer({ min: 1, max: 60 }), across: fc.integer({ min: 1, max: 200 }) }), { minLength: 1, maxLength: 14 })
  .chain((boxes) => {
    const all = boxes.flatMap((_, to) => Array.from({ length: to }, (__, from) => ({ from, to })));
    return fc.record({ boxes: fc.constant(boxes), edges: fc.subarray(all) });
  });

describe("layout", () => {
  it("lets no boxes overlap, keeps all within its size, and leads each edge forward past the other boxes", () => {
    fc.assert(
      fc.property(graphs, ({ boxes, edges }) => {
        const { corners, routes, size } = layOut(boxes, edges);
        // Sums of halves are exact up to roundings of some 1e-13.
        const ε = 1e-6;
        const areas = corners.map(({ along, across }, i) => ({ start: along, end: along + boxes[i]!.along, low: across, high: across + boxes[i]!.across }));
        for (const [i, a] of areas.entries()) {
          expect(Math.min(a.start, a.low)).toBeGreaterThanOrEqual(-ε);
          expect(a.end).toBeLessThanOrEqual(size.along + ε);
          expect(a.high).toBeLessThanOrEqual(size.across + ε);
          for (const b of areas.slice(0, i)) expect(a.start < b.end && b.start < a.end && a.low < b.high - ε && b.low < a.high - ε).toBe(false);
        }
        for (const [n, { from, to }] of edges.entries()) {
          const route = routes[n]!;
          expect(route[0]!.along).toBe(areas[from]!.end);
          expect(route[0]!.across).toBeCloseTo((areas[from]!.low + areas[from]!.high) / 2, 6);
          expect(route.at(-1)!.along).toBe(areas[to]!.start);
          for (let i = 1; i < route.length; i++) {
            const [a, b] = [route[i - 1]!, route[i]!];
            expect(b.along).toBeGreaterThanOrEqual(a.along);
            // Bends lie between layers, where no boxes are; what is straight passes through one.
            if (i % 2 === 0) continue;
            expect(b.across).toBe(a.across);
            for (const [box, { start, end, low, high }] of areas.entries()) {
              if (box === from || box === to) continue;
              expect(start < b.along - ε && a.along + ε < end && low - ε < a.across && a.across < high + ε).toBe(false);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("puts boxes in a row on one line, and what is long beside them", () => {
    const boxes = [30, 90, 50, 40, 70].map((across) => ({ along: 20, across }));
    const { corners, routes, size } = layOut(boxes, edgesOf([0, 1], [1, 2], [2, 3], [3, 4], [0, 4]));
    expect(corners.map(({ across }, i) => across + boxes[i]!.across / 2)).toEqual([45, 45, 45, 45, 45]);
    const around = new Set(routes[4]!.slice(2, -2).map(({ across }) => across));
    expect([...around]).toEqual([45 + 45 + 18]);
    expect(size.along).toBe(5 * 20 + 4 * 34);
  });

  it("puts what begins a branch right before its use", () => {
    expect(layered(4, edgesOf([0, 2], [2, 3], [1, 3])).layerOf.slice(0, 4)).toEqual([0, 1, 1, 2]);
  });

  it("uncrosses what need not cross", () => {
    const graph = layered(6, edgesOf([0, 5], [1, 4], [2, 3]));
    expect(crossings(graph)).toBe(3);
    order(graph);
    expect(crossings(graph)).toBe(0);
  });

  it("of nothing and of one box", () => {
    expect(layOut([], [])).toEqual({ corners: [], routes: [], size: { along: 0, across: 0 } });
    expect(layOut([square], [])).toEqual({ corners: [{ along: 0, across: 0 }], routes: [], size: square });
  });
});
