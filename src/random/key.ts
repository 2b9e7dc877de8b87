import { NacreError } from "../error.js";
import { mix } from "./mix.js";

/** A random key: two uint32 words that fix a stream of random bits. There is no global state. */
export type Key = readonly [word0: number, word1: number];

/** Any fixed pair other than zeros: zeros are a fixed point of the mixing. */
const ROOT: Key = [0x243f6a88, 0x85a308d3];

/**
 * Even, so that [[CROSS, 1], [1, CROSS]] has an odd determinant: crossing the words of a key
 * loses nothing, and different data always give different keys.
 */
export const CROSS = 0x9e3779b2;

/**
 * The key of a seed.
 *
 * @param seed a whole number within ±2⁵³; equal seeds give equal keys, different ones different keys
 * @throws BAD_ARGUMENT when the seed is not such a number
 * @example
 * const step = 3;
 * const key = foldIn(foldIn(keyOf(7), "block1/dropout"), step);
 */
export function keyOf(seed: number): Key {
  return foldWords(ROOT, wordsOf(seed));
}

/**
 * A new key from a key and a number or name: statistically independent of the key itself and of
 * what any other data give. Equal arguments give equal keys, and the order of folds matters.
 *
 * @param data a whole number within ±2⁵³, such as a step, or a string, such as a layer's path
 * @throws BAD_ARGUMENT when a number is fractional or too large
 * @example
 * console.log(Array.from(random.foldIn(random.keyOf(1), "weights"))); // [4029698149, 268229850]
 */
export function foldIn(key: Key, data: number | string): Key {
  return foldWords(key, wordsOf(data));
}

/** The two words that stand for a number or name in {@link foldIn}. */
export function wordsOf(data: number | string): Key {
  if (typeof data === "string") return hashString(data);
  if (Number.isSafeInteger(data)) return [data >>> 0, Math.floor(data / 2 ** 32) >>> 0];
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where: "random key",
    expected: "a whole number between −2⁵³ and 2⁵³, or a string",
    received: String(data),
    fix: "use an integer seed",
  });
}

function foldWords(key: Key, words: Key): Key {
  const a = mix(key[0] + words[0]);
  const b = mix(key[1] + words[1]);
  return [mix(Math.imul(a, CROSS) + b), mix(Math.imul(b, CROSS) + a)];
}

/** Both words take in every UTF-16 unit, in different ways, so that they do not collide together. */
function hashString(text: string): Key {
  let a = 0x811c9dc5;
  let b = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = mix(b + unit);
  }
  return [mix(a), mix(b)];
}
