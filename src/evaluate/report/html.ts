/** Markup that is safe to put on a page as it is. */
export class Html {
  constructor(readonly source: string) {}
}

/** What may stand in an `html` template; `undefined` leaves nothing. */
export type Piece = string | number | Html | undefined | readonly Piece[];

/** A template of markup in which everything but markup is escaped, in text and in quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.reduce((source, part, i) => source + render(pieces[i - 1]) + part));
}

function render(piece: Piece): string {
  if (piece === undefined) return "";
  if (piece instanceof Html) return piece.source;
  if (typeof piece === "object") return piece.map(render).join("");
  return String(piece).replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
