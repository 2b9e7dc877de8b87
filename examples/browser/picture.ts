/** A point of a drawing; the field reaches from 0 to 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What was drawn without lifting the pen. */
export type Stroke = readonly Point[];

/** Width and height of the pictures that the network sees. */
export const SIDE = 8;

/** The scans were made of 32×32 black and white dots, counted in blocks of 4×4. */
const [DOTS, BLOCK] = [32, 4];

/** Width of the pen in dots; about what the scans have. */
const PEN = 5;

/** A drawing smaller than this share of the field is not blown up to fill the picture. */
const SMALLEST = 0.15;

/** How to vary a drawing, as another hand would. */
export interface Variation {
  /** In radians. Default 0. */
  readonly turn?: number;
  /** Width over height, times what was drawn. Default 1. */
  readonly stretch?: number;
  /** Of the pen, times the usual width. Default 1. */
  readonly pen?: number;
}

/**
 * A drawing as the 8×8 picture of a scan: moved and scaled until it fills the picture, drawn in 32×32 dots
 * and counted. Values lie between 0 for paper and 1 for ink.
 */
export function toPicture(strokes: readonly Stroke[], { turn = 0, stretch = 1, pen = 1 }: Variation = {}): Float32Array {
  const picture = new Float32Array(SIDE * SIDE);
  const width = PEN * pen;
  const lines = fitted(strokes.map((stroke) => stroke.map((point) => turned(point, turn, stretch))), width);
  for (let y = 0; y < DOTS; y++) {
    for (let x = 0; x < DOTS; x++) {
      if (!lines.some((line) => touches(line, { x: x + 0.5, y: y + 0.5 }, width / 2))) continue;
      picture[Math.floor(y / BLOCK) * SIDE + Math.floor(x / BLOCK)]! += 1 / BLOCK ** 2;
    }
  }
  return picture;
}

function turned({ x, y }: Point, angle: number, stretch: number): Point {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { x: stretch * (cos * x - sin * y), y: sin * x + cos * y };
}

/** The strokes in dots, in the middle of the picture. */
function fitted(strokes: readonly Stroke[], width: number): Stroke[] {
  const points = strokes.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (DOTS - width) / Math.max(right - left, bottom - top, SMALLEST);
  const place = ({ x, y }: Point): Point => ({
    x: DOTS / 2 + (x - (left + right) / 2) * scale,
    y: DOTS / 2 + (y - (top + bottom) / 2) * scale,
  });
  return strokes.map((stroke) => stroke.map(place));
}

function touches(line: Stroke, dot: Point, radius: number): boolean {
  return line.some((to, i) => distance(dot, line[i - 1] ?? to, to) <= radius);
}

/** From a point to the nearest one between two others. */
function distance(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(point.x - from.x - share * dx, point.y - from.y - share * dy);
}
