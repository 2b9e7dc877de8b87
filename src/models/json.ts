import { NacreError } from "../error.js";

/** How numbers that JSON has no word for are written: `{ "$number": "NaN" }`. */
const NUMBER = "$number";

/** Plain data as the bytes of JSON text, with NaN and infinities. */
export function jsonBytes(value: unknown): Uint8Array {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "number" && !Number.isFinite(item) ? { [NUMBER]: String(item) } : item,
  );
  return new TextEncoder().encode(text);
}

/** Nesting far beyond any model's, which would overflow the stack of those who walk through the data. */
const MAX_DEPTH = 500;

/** The data in such bytes. @throws BAD_FILE when they are no JSON or nest without end; `where` names them */
export function jsonFrom(bytes: Uint8Array, where: string): unknown {
  const data = parsed(bytes, where);
  if (isDeeper(data, MAX_DEPTH)) {
    throw new NacreError({ code: "BAD_FILE", where, expected: `data nested ${MAX_DEPTH} deep at most`, received: "deeper data" });
  }
  return data;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1));
}

function parsed(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes), (_key, item: unknown) =>
      typeof item === "object" && item !== null && NUMBER in item ? Number(item[NUMBER]) : item,
    );
  } catch (cause) {
    throw new NacreError({ code: "BAD_FILE", where, expected: "JSON", received: "other text", cause });
  }
}

/** Where in `value` something lies that JSON does not hold, such as `.layers.0`; undefined where nothing does. */
export function notPlain(value: unknown): string | undefined {
  if (value === null || value === undefined || ["number", "string", "boolean"].includes(typeof value)) return undefined;
  const plain = typeof value === "object" && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);
  if (!plain) return "";
  for (const [key, item] of Object.entries(value)) {
    const place = notPlain(item);
    if (place !== undefined) return `.${key}${place}`;
  }
  return undefined;
}
