import { graphItems, type NodesOf } from "../graphItems.js";
import type { Network } from "../network.js";
import { formatCount } from "../summary.js";
import type { LayerRow } from "../summaryRows.js";
import type { Edge } from "./layered.js";
import { layOut, type Layout } from "./layout.js";

/** Which way a picture flows: from top to bottom, or from left to right. */
export type Direction = "TB" | "LR";

/** What a box is coloured by. */
export type Kind = "input" | "model" | "product" | "weights" | "merge" | "shape" | "plain";

/** One box: a line of title, lines below it, and for an expanded model the picture inside. */
export interface Part {
  readonly row: LayerRow;
  readonly kind: Kind;
  readonly parameters: string;
  readonly inside: Picture | undefined;
  readonly width: number;
  readonly height: number;
}

/** The boxes of a model and where they lie. */
export interface Picture {
  readonly parts: readonly Part[];
  readonly layout: Layout;
  readonly width: number;
  readonly height: number;
}

/** The type sizes that boxes are measured by, in pixels; a letter of the fonts is at most so wide. */
export const TITLE_PX = 13;
export const TEXT_PX = 11;
const TITLE_LETTER = 0.72 * TITLE_PX;
const TEXT_LETTER = 0.61 * TEXT_PX;

/** Of a box: around its text, from line to line, and its colour's stripe. */
export const PADDING = 10;
export const LINE = 16;
export const STRIPE = 5;

/** Between a title and the parameters at the end of its line. */
const BETWEEN = 14;

const HEAD_LINES = 3;

/** What a picture is to show, and how. */
export interface PictureOptions {
  readonly direction: Direction;
  readonly expandNested: boolean;
  /** Gives the nodes of imported graphs, which the picture then shows. */
  readonly nodesOf: NodesOf | undefined;
}

/** A model as boxes with their places. */
export function pictureOf(model: Network, options: PictureOptions): Picture {
  const items = graphItems(model, options.nodesOf);
  const shapes = new Map(items.map(({ row }) => [row.name, row.outputShape]));
  const boxOf = new Map<object, number>();
  const edges = new Map<string, Edge>();
  const parts = items.map(({ row, inputs, outputs, nested }, i): Part => {
    for (const input of inputs) {
      const from = boxOf.get(input)!;
      edges.set(`${from} ${i}`, { from, to: i });
    }
    for (const output of outputs) boxOf.set(output, i);
    const inside = nested !== undefined && options.expandNested ? pictureOf(nested, options) : undefined;
    return partOf(row, nested !== undefined ? "model" : kindOf(row, shapes), inside);
  });
  const down = options.direction === "TB";
  const boxes = parts.map(({ width, height }) => (down ? { along: height, across: width } : { along: width, across: height }));
  const layout = layOut(boxes, [...edges.values()]);
  const { along, across } = layout.size;
  return { parts, layout, width: down ? across : along, height: down ? along : across };
}

function partOf(row: LayerRow, kind: Kind, inside: Picture | undefined): Part {
  const frozen = row.parameters > 0 && row.trainable === 0 ? " frozen" : "";
  const parameters = row.parameters === 0 ? "" : row.shared ? "shared weights" : `${formatCount(row.parameters)} params${frozen}`;
  const text = Math.max(
    row.className.length * TITLE_LETTER + (parameters === "" ? 0 : BETWEEN + parameters.length * TEXT_LETTER),
    row.name.length * TEXT_LETTER,
    row.outputShape.length * TEXT_LETTER,
  );
  const width = STRIPE + 2 * PADDING + Math.max(text, inside?.width ?? 0);
  const height = 2 * PADDING + HEAD_LINES * LINE + (inside === undefined ? 0 : inside.height + PADDING);
  return { row, kind, parameters, inside, width: Math.ceil(width), height: Math.ceil(height) };
}

function kindOf(row: LayerRow, shapes: ReadonlyMap<string, string>): Kind {
  if (row.className === "Input") return "input";
  if (row.multiplyAdds > 0) return "product";
  if (row.parameters > 0) return "weights";
  if (row.from.length > 1) return "merge";
  return shapes.get(row.from[0] ?? "") === row.outputShape ? "plain" : "shape";
}
