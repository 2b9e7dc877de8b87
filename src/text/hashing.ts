import { checkOptions } from "../error.js";
import { badOption, requireOptions } from "../options.js";
import type { Tensor } from "../tensor/tensor.js";
import { bucketsOf, type Salt } from "./bucket.js";
import { encodeIndices } from "./encode.js";

/** Options of {@link hashing}. */
export interface HashingOptions {
  /** How many places there are, at least 1; with a maskValue one is for it. */
  readonly numBins: number;
  /** The token of place 0, which stands for nothing; null for none. Default null. */
  readonly maskValue?: string | number | null;
  /** Makes the hash another one that nobody without it can foresee: a whole number or two. Default null. */
  readonly salt?: Salt;
  /** Default int. */
  readonly outputMode?: "int" | "oneHot" | "multiHot" | "count";
}

/** Turns tokens into places, without a vocabulary. */
export interface Hasher {
  /** Rows of tokens as a tensor: [B,T] of int32; float32 [B,numBins], or [B,T,numBins] for oneHot of several tokens a row. */
  (rows: readonly (readonly (string | number)[])[]): Tensor;
  /** The options as plain JSON: pass them to `hashing` again. */
  toJSON(): HashingOptions;
}

const MODES = ["int", "oneHot", "multiHot", "count"] as const;

/**
 * Words and whole numbers to places by a hash, as Keras's Hashing does it on TensorFlow: nothing is
 * learned, and different tokens may share a place.
 *
 * @throws BAD_ARGUMENT when an option is out of its range
 * @example
 * const hash = hashing({ numBins: 3 });
 * console.log(await hash([["A"], ["B"], ["C"], ["D"], ["E"]]).toArray()); // [[1], [0], [1], [1], [2]]
 */
export function hashing(options: HashingOptions): Hasher {
  const where = "hashing";
  checkOptions(where, options, ["numBins", "maskValue", "salt", "outputMode"]);
  requireOptions(where, options, ["numBins"]);
  const { numBins, maskValue = null, salt = null, outputMode = "int" } = options;
  if (!Number.isInteger(numBins) || numBins < 1) throw badOption(where, "numBins", "a whole number of at least 1", numBins);
  if (!MODES.includes(outputMode)) throw badOption(where, "outputMode", MODES.join(", "), outputMode);
  const first = maskValue !== null && numBins > 1 ? 1 : 0;
  const bucket = bucketsOf(where, numBins - first, salt);
  const place = (token: string | number): number => {
    if (typeof token !== "string" && typeof token !== "number") throw badOption(where, "rows", "strings and numbers", token);
    return first === 1 && token === maskValue ? 0 : first + bucket(token);
  };
  const call = (rows: readonly (readonly (string | number)[])[]): Tensor => encodeIndices(rows.map((row) => row.map(place)), outputMode, numBins);
  return Object.assign(call, { toJSON: () => ({ ...options }) });
}
