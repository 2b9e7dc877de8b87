import { inspect } from "node:util";

const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g;

/**
 * Compares values with the comment that says what they print as. Numbers may differ by rounding to
 * the digits that the comment shows; a comment that starts with `such as` promises nothing.
 */
export function check(comment: string, values: readonly unknown[]): void {
  if (comment.startsWith("such as")) return;
  const printed = values.map(format).join(" ");
  if (!agree(comment, printed)) throw new Error(`the example promises ${comment}, but gives ${printed}`);
}

function agree(comment: string, printed: string): boolean {
  const skeleton = (text: string): string => text.replaceAll(NUMBER, "0").replaceAll(/[\s"'`]/g, "");
  if (skeleton(comment) !== skeleton(printed)) return false;
  const found = printed.match(NUMBER) ?? [];
  return (comment.match(NUMBER) ?? []).every((text, i) => {
    const decimals = /e/.test(text) ? undefined : (text.split(".")[1]?.length ?? 0);
    const tolerance = decimals === undefined ? Math.abs(Number(text)) / 100 : 0.5000001 * 10 ** -decimals;
    return Math.abs(Number(text) - Number(found[i])) <= tolerance;
  });
}

function format(value: unknown): string {
  if (typeof value === "string") return value;
  const plain = ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
  return inspect(plain, { depth: null, breakLength: Infinity, maxArrayLength: null });
}
