import type { Tensor } from "../tensor/tensor.js";
import { Lookup, type LookupOptions } from "./lookup.js";

/** Turns tokens into indices, or into one number for each word of the vocabulary. */
export interface TokenLookup<T extends string | number> {
  /** Rows of tokens as a tensor: [B,T] of int32, or float32 [B,V]. */
  (rows: readonly (readonly T[])[]): Tensor;
  /** Learns the vocabulary: the most frequent tokens first. */
  adapt(rows: Iterable<readonly T[]>): void;
  /** All tokens by index, those for mask and unknown first. */
  getVocabulary(): T[];
  /** Takes a vocabulary, and for tfIdf the weight of each token. */
  setVocabulary(tokens: readonly T[], idfWeights?: readonly number[]): void;
  /** Rows of indices as tokens. */
  invert(rows: readonly (readonly number[])[]): T[][];
  /** The options as plain JSON, with what was learned: pass them to the factory again. */
  toJSON(): LookupOptions<T>;
}

function tokenLookup<T extends string | number>(where: string, options: LookupOptions<T>, oovToken: T): TokenLookup<T> {
  const lookup = new Lookup<T>(where, options, oovToken);
  const call = (rows: readonly (readonly T[])[]): Tensor => lookup.encode(rows);
  return Object.assign(call, {
    adapt: (rows: Iterable<readonly T[]>) => lookup.adapt(rows),
    getVocabulary: () => lookup.vocabulary,
    setVocabulary: (tokens: readonly T[], idfWeights?: readonly number[]) => lookup.setVocabulary(tokens, idfWeights),
    invert: (rows: readonly (readonly number[])[]) => rows.map((row) => row.map((index) => lookup.tokenAt(index))),
    toJSON: () => learned(options, lookup),
  });
}

/** Options with the vocabulary that a lookup has. */
export function learned<O extends LookupOptions<T>, T extends string | number>(options: O, lookup: Lookup<T>): O {
  const { idfWeights } = lookup;
  return { ...options, vocabulary: lookup.vocabulary, ...(idfWeights === undefined ? {} : { idfWeights }) };
}

/**
 * Words to indices and back, as Keras's StringLookup numbers them.
 *
 * @throws BAD_ARGUMENT when an option is out of its range, or there is no vocabulary yet
 * @throws BAD_DATA when a word is unknown and numOovIndices is 0
 * @example
 * const lookup = stringLookup({ vocabulary: ["red", "green"] });
 * console.log(await lookup([["green", "blue"]]).toArray()); // [[2, 0]]
 */
export function stringLookup(options: LookupOptions<string> = {}): TokenLookup<string> {
  return tokenLookup("stringLookup", options, "[UNK]");
}

/**
 * Whole numbers to indices and back, as Keras's IntegerLookup numbers them.
 *
 * @throws BAD_ARGUMENT when an option is out of its range, or there is no vocabulary yet
 * @throws BAD_DATA when a number is unknown and numOovIndices is 0
 * @example
 * const lookup = integerLookup();
 * lookup.adapt([[12, 42, 42]]);
 * console.log(lookup.getVocabulary()); // [-1, 42, 12]
 */
export function integerLookup(options: LookupOptions<number> = {}): TokenLookup<number> {
  return tokenLookup("integerLookup", options, -1);
}
