import { formatMetric } from "../summary.js";
import type { Point } from "./layout.js";
import { type Direction, LINE, PADDING, type Part, type Picture, STRIPE, TEXT_PX, TITLE_PX } from "./picture.js";

/** Colours are named once, for light and for dark. All rules hold in the picture alone, wherever it is put. */
const STYLE = `
.nacre-model{--surface:#fff;--ink:#1d2430;--soft:#596273;--rule:#c9ced6;--edge:#8a93a3;--frame:#f4f5f7;
--input:#596273;--model:#8457c9;--product:#0d7470;--weights:#b7791f;--merge:#c2480f;--shape:#2b6cb0;--plain:#aab2bf;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){.nacre-model{--surface:#191f26;--ink:#e7eaee;--soft:#a0aab8;--rule:#3a444f;--edge:#7d8798;--frame:#12171d;
--input:#a0aab8;--model:#b794f4;--product:#52cdbf;--weights:#f0b45c;--merge:#f58c53;--shape:#74b3f0;--plain:#5b6573}}
.nacre-model .box{fill:var(--surface);stroke:var(--rule)}
.nacre-model .frame{fill:var(--frame);stroke:var(--model)}
.nacre-model .edge{fill:none;stroke:var(--edge);stroke-width:1.4}
.nacre-model .head{fill:var(--edge)}
.nacre-model text{fill:var(--soft);font-size:${TEXT_PX}px}
.nacre-model .title{fill:var(--ink);font-size:${TITLE_PX}px;font-weight:600}
.nacre-model .shape{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
`;

/** Around the whole picture, in pixels. */
const MARGIN = 12;

/** Length and half the width of an arrow's head, in pixels. */
const HEAD = { length: 7, half: 3.5 } as const;

const CORNER = 7;

/** A picture as an SVG document. */
export function drawPicture(picture: Picture, texts: { readonly title: string; readonly description: string }, direction: Direction): string {
  const [width, height] = [picture.width + 2 * MARGIN, picture.height + 2 * MARGIN].map(Math.ceil) as [number, number];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="nacre-model" role="img" aria-label="${escape(`${texts.title}: ${texts.description}`)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escape(texts.title)}</title>`,
    `<desc>${escape(texts.description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<g transform="translate(${MARGIN} ${MARGIN})">`,
    ...contents(picture, direction),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function contents({ layout, parts }: Picture, direction: Direction): string[] {
  const corner = (i: number): { x: number; y: number } => xy(layout.corners[i]!, direction);
  return [...layout.routes.flatMap((route) => edge(route, direction)), ...parts.flatMap((part, i) => box(part, corner(i), direction))];
}

function box(part: Part, { x, y }: { readonly x: number; readonly y: number }, direction: Direction): string[] {
  const { row, kind, parameters, inside, width, height } = part;
  const left = STRIPE + PADDING;
  const baseline = (line: number): number => PADDING + line * LINE - 4;
  const said = [row.outputShape, parameters, row.multiplyAdds > 0 ? `${formatMetric(row.multiplyAdds)} multiply-adds` : ""].filter((text) => text !== "");
  return [
    `<g transform="translate(${number(x)} ${number(y)})">`,
    `<title>${escape(`${row.name} (${row.className}): ${said.join(", ")}`)}</title>`,
    `<rect class="${inside === undefined ? "box" : "frame"}" width="${width}" height="${height}" rx="${CORNER}"/>`,
    `<rect x="1" y="${CORNER}" width="${STRIPE - 1}" height="${height - 2 * CORNER}" fill="var(--${kind})"/>`,
    `<text class="title" x="${left}" y="${baseline(1)}">${escape(row.className)}</text>`,
    ...(parameters === "" ? [] : [`<text x="${width - PADDING}" y="${baseline(1)}" text-anchor="end">${escape(parameters)}</text>`]),
    `<text x="${left}" y="${baseline(2)}">${escape(row.name)}</text>`,
    `<text class="shape" x="${left}" y="${baseline(3)}">${escape(row.outputShape)}</text>`,
    ...(inside === undefined
      ? []
      : [`<g transform="translate(${number(STRIPE + (width - STRIPE - inside.width) / 2)} ${baseline(3) + PADDING})">`, ...contents(inside, direction), "</g>"]),
    "</g>",
  ];
}

/** A line through the points, bent between the pairs, with a head at its end. */
function edge(route: readonly Point[], direction: Direction): string[] {
  const points = route.map((point, i) => (i === route.length - 1 ? { ...point, along: point.along - HEAD.length } : point));
  const at = (point: Point): string => {
    const { x, y } = xy(point, direction);
    return `${number(x)} ${number(y)}`;
  };
  const path = points.map((point, i) => {
    if (i === 0) return `M${at(point)}`;
    const last = points[i - 1]!;
    if (i % 2 === 1 || last.across === point.across) return `L${at(point)}`;
    const half = (last.along + point.along) / 2;
    return `C${at({ along: half, across: last.across })} ${at({ along: half, across: point.across })} ${at(point)}`;
  });
  const tip = route.at(-1)!;
  const base = tip.along - HEAD.length;
  const head = [tip, { along: base, across: tip.across - HEAD.half }, { along: base, across: tip.across + HEAD.half }].map(at);
  return [`<path class="edge" d="${path.join("")}"/>`, `<path class="head" d="M${head.join("L")}Z"/>`];
}

function xy({ along, across }: Point, direction: Direction): { x: number; y: number } {
  return direction === "TB" ? { x: across, y: along } : { x: along, y: across };
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as XML holds it; characters that XML forbids are left out. */
function escape(text: string): string {
  return text.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "").replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}
