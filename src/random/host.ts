import type { Key } from "./key.js";
import { mix } from "./mix.js";

export { type Key, foldIn, keyOf } from "./key.js";

/** Beyond how many standard deviations a truncated normal is drawn again. */
const TRUNCATION = 2;

/**
 * Number `counter` of a key's stream of uint32: mix(counter · (2·k₁ + 1) + k₀).
 * @example
 * console.log(random.randomBits(random.keyOf(1), 0)); // 4067343235
 */
export function randomBits(key: Key, counter: number): number {
  // The key also sets the stride: were it only an offset, streams would be shifts of each other.
  return mix(Math.imul(counter, 2 * key[1] + 1) + key[0]);
}

/** Number `counter` of a key's stream in [0, 1), on the lattice of 2⁻²⁴ that float32 holds exactly. */
function uniform(key: Key, counter: number): number {
  return (randomBits(key, counter) >>> 8) * 2 ** -24;
}

/**
 * `n` numbers, uniform in [0, 1).
 * @example
 * console.log(random.uniforms(random.keyOf(1), 2)); // [0.947, 0.073]
 */
export function uniforms(key: Key, n: number): Float32Array {
  const out = new Float32Array(n);
  // Not Float32Array.from, which takes ten times as long: these are all weights of a model.
  for (let i = 0; i < n; i++) out[i] = uniform(key, i);
  return out;
}

/**
 * `n` numbers of the standard normal distribution.
 * @example
 * console.log(random.normals(random.keyOf(1), 2)); // [2.1734, 1.073]
 */
export function normals(key: Key, n: number): Float32Array {
  const out = new Float32Array(n);
  const half = Math.ceil(n / 2);
  for (let i = 0; i < half; i++) {
    const [a, b] = boxMuller(uniform(key, i), uniform(key, half + i));
    out[i] = a;
    if (half + i < n) out[half + i] = b;
  }
  return out;
}

/**
 * `n` numbers of the standard normal distribution, drawn again while beyond ±2.
 * @example
 * console.log(random.truncatedNormals(random.keyOf(1), 2)); // [1.073, 1.3142]
 */
export function truncatedNormals(key: Key, n: number): Float32Array {
  const out = new Float32Array(n);
  for (let i = 0, counter = 0; i < n; counter += 2) {
    for (const value of boxMuller(uniform(key, counter), uniform(key, counter + 1))) {
      if (i < n && Math.abs(value) <= TRUNCATION) out[i++] = value;
    }
  }
  return out;
}

/**
 * The numbers 0 … n − 1 in a random order, each order equally likely.
 * @example
 * console.log(random.permutation(random.keyOf(1), 4)); // [2, 1, 0, 3]
 */
export function permutation(key: Key, n: number): Uint32Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let counter = 0;
  for (let i = n - 1; i > 0; i--) {
    const choices = i + 1;
    // The remainder of a draw is fair only below the largest multiple of `choices`.
    const fair = Math.floor(2 ** 32 / choices) * choices;
    let draw = randomBits(key, counter++);
    while (draw >= fair) draw = randomBits(key, counter++);
    // The remainder, exact for numbers below 2³²; `%` takes several times as long.
    const j = draw - Math.floor(draw / choices) * choices;
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
  return order;
}

/**
 * The items in a random order; `items` stays as it is.
 * @example
 * console.log(random.shuffled(random.keyOf(1), ["a", "b", "c"])); // ["a", "c", "b"]
 */
export function shuffled<T>(key: Key, items: readonly T[]): T[] {
  return Array.from(permutation(key, items.length), (i) => items[i]!);
}

/** Two independent standard normals from two uniforms. */
function boxMuller(u: number, v: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log(1 - u));
  return [radius * Math.cos(2 * Math.PI * v), radius * Math.sin(2 * Math.PI * v)];
}
