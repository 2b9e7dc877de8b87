import { NacreError } from "../../error.js";

/** Functions of the platform take so many arguments at once. */
const CHUNK = 0x8000;

/** Bytes as text that JSON can hold. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += CHUNK) parts.push(String.fromCharCode(...bytes.subarray(i, i + CHUNK)));
  return btoa(parts.join(""));
}

/** @throws BAD_FILE when the text is none that {@link toBase64} gives */
export function fromBase64(text: string, where: string): Uint8Array {
  try {
    const binary = atob(text);
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  } catch (cause) {
    throw new NacreError({ code: "BAD_FILE", where, expected: "bytes in base64", received: "other text", cause });
  }
}
