import { NacreError, checkOptions } from "../error.js";
import { badOption } from "../options.js";
import type { Tensor } from "../tensor/tensor.js";
import { bucketsOf, type Salt } from "./bucket.js";
import { encodeIndices } from "./encode.js";

/** What rows of tokens become: their indices, each as a row of places, or one number for each word of the vocabulary. */
export type OutputMode = "int" | "oneHot" | "multiHot" | "count" | "tfIdf";

/** Options that all lookups share. `T` is what a token is. */
export interface LookupOptions<T> {
  /** Size of the vocabulary at most, with the places for unknown and masked tokens; null for no limit. Default null. */
  readonly maxTokens?: number | null;
  /** Places for unknown tokens: 0 refuses them, several are chosen from by the token. Default 1. */
  readonly numOovIndices?: number;
  /** How several places are chosen from for numbers: by the remainder, or by the hash that words are always chosen by. Default floormod. */
  readonly oovMethod?: "floormod" | "farmhash";
  /** Makes that hash another one: a whole number or two. Default null. */
  readonly salt?: Salt;
  /** The token of index 0, which stands for nothing; null for none. Default null. */
  readonly maskToken?: T | null;
  /** What an unknown token's index is turned back to. */
  readonly oovToken?: T;
  /** The known tokens, the most frequent first. Default: what `adapt` finds. */
  readonly vocabulary?: readonly T[] | null;
  /** For tfIdf, the weight of each token of the vocabulary. Default: what `adapt` finds. */
  readonly idfWeights?: readonly number[] | null;
  /** Default int. */
  readonly outputMode?: OutputMode;
  /** Whether rows of numbers have `maxTokens` places even if the vocabulary is smaller. Default false. */
  readonly padToMaxTokens?: boolean;
}

export const LOOKUP_OPTIONS = [
  "maxTokens", "numOovIndices", "oovMethod", "salt", "maskToken", "oovToken", "vocabulary", "idfWeights", "outputMode", "padToMaxTokens",
] as const;

const MODES: readonly OutputMode[] = ["int", "oneHot", "multiHot", "count", "tfIdf"];

/** Known tokens and their indices, as Keras numbers them: mask, unknown, then by frequency. */
export class Lookup<T extends string | number> {
  readonly #where: string;
  readonly #options: Required<LookupOptions<T>>;
  #tokens: readonly T[] | undefined;
  #index = new Map<T, number>();
  #weights: readonly number[] | undefined;
  readonly #oovPlace: (token: T) => number;

  constructor(where: string, options: LookupOptions<T>, oovToken: T) {
    checkOptions(where, options, [...LOOKUP_OPTIONS]);
    this.#where = where;
    this.#options = {
      maxTokens: options.maxTokens ?? null,
      numOovIndices: options.numOovIndices ?? 1,
      oovMethod: options.oovMethod ?? "floormod",
      salt: options.salt ?? null,
      maskToken: options.maskToken ?? null,
      oovToken: options.oovToken ?? oovToken,
      vocabulary: options.vocabulary ?? null,
      idfWeights: options.idfWeights ?? null,
      outputMode: options.outputMode ?? "int",
      padToMaxTokens: options.padToMaxTokens ?? false,
    };
    const { maxTokens, numOovIndices, oovMethod, salt, outputMode, padToMaxTokens, vocabulary, idfWeights } = this.#options;
    if (!MODES.includes(outputMode)) throw badOption(where, "outputMode", MODES.join(", "), outputMode);
    if (!Number.isInteger(numOovIndices) || numOovIndices < 0) throw badOption(where, "numOovIndices", "a whole number of at least 0", numOovIndices);
    if (!["floormod", "farmhash"].includes(oovMethod)) throw badOption(where, "oovMethod", "floormod, farmhash", oovMethod);
    const bucket = bucketsOf(where, numOovIndices, salt);
    const byRemainder = typeof oovToken === "number" && oovMethod === "floormod";
    this.#oovPlace = (token) => (byRemainder ? (((token as number) % numOovIndices) + numOovIndices) % numOovIndices : bucket(token));
    if (maxTokens !== null && !(Number.isInteger(maxTokens) && maxTokens > this.#reserved)) {
      throw badOption(where, "maxTokens", `a whole number above ${this.#reserved}, or null`, maxTokens);
    }
    if (padToMaxTokens && maxTokens === null) throw badOption(where, "padToMaxTokens", "false where maxTokens is null", true);
    if (vocabulary !== null) this.setVocabulary(vocabulary, idfWeights ?? undefined);
  }

  get outputMode(): OutputMode {
    return this.#options.outputMode;
  }

  /** Places before the first token. The mask has one only where indices are asked for. */
  get #reserved(): number {
    return this.#options.numOovIndices + (this.#masks ? 1 : 0);
  }

  get #masks(): boolean {
    return this.#options.maskToken !== null && this.#options.outputMode === "int";
  }

  /** Learns the vocabulary from documents of tokens: the most frequent first, of equally frequent ones the last in the order of their characters. */
  adapt(documents: Iterable<readonly T[]>): void {
    const counts = new Map<T, number>();
    const found = new Map<T, number>();
    let total = 0;
    for (const document of documents) {
      total++;
      for (const token of document) if (token !== this.#options.maskToken) counts.set(token, (counts.get(token) ?? 0) + 1);
      for (const token of new Set(document)) found.set(token, (found.get(token) ?? 0) + 1);
    }
    const sorted = [...counts].sort(([a, n], [b, m]) => m - n || compare(b, a)).map(([token]) => token);
    const { maxTokens } = this.#options;
    const kept = maxTokens === null ? sorted : sorted.slice(0, maxTokens - this.#reserved);
    this.setVocabulary(kept, kept.map((token) => Math.log(1 + total / (1 + found.get(token)!))));
  }

  /** Takes a vocabulary, and for tfIdf the weight of each token. */
  setVocabulary(tokens: readonly T[], weights?: readonly number[]): void {
    const own = tokens.slice(this.#specialTokens(tokens));
    const index = new Map(own.map((token, i) => [token, i + this.#reserved]));
    if (index.size !== own.length) throw badOption(this.#where, "vocabulary", "each token once", "a token twice");
    const { outputMode, maxTokens } = this.#options;
    if (maxTokens !== null && own.length + this.#reserved > maxTokens) {
      throw badOption(this.#where, "vocabulary", `at most ${maxTokens - this.#reserved} tokens, as maxTokens says`, `${own.length} tokens`);
    }
    if (outputMode === "tfIdf" && weights?.length !== own.length) {
      throw badOption(this.#where, "idfWeights", `one for each of ${own.length} tokens`, weights === undefined ? "none" : `${weights.length}`);
    }
    this.#tokens = own;
    this.#index = index;
    this.#weights = weights;
  }

  /** How many of the first tokens stand for mask and unknown. */
  #specialTokens(tokens: readonly T[]): number {
    const { maskToken, oovToken, numOovIndices } = this.#options;
    const first = tokens[0] === maskToken ? 1 : 0;
    const unknown = tokens.slice(first, first + numOovIndices);
    return unknown.length === numOovIndices && unknown.every((token) => token === oovToken) ? first + numOovIndices : 0;
  }

  /** All tokens by index, those for mask and unknown first. */
  get vocabulary(): T[] {
    const { maskToken, oovToken, numOovIndices } = this.#options;
    return [...(this.#masks ? [maskToken!] : []), ...Array.from({ length: numOovIndices }, () => oovToken), ...this.#known()];
  }

  get idfWeights(): readonly number[] | undefined {
    return this.#weights;
  }

  indexOf(token: T): number {
    this.#known();
    const found = this.#index.get(token);
    if (found !== undefined) return found;
    if (this.#masks && token === this.#options.maskToken) return 0;
    const { numOovIndices } = this.#options;
    if (numOovIndices > 0) return this.#reserved - numOovIndices + (numOovIndices === 1 ? 0 : this.#oovPlace(token));
    throw new NacreError({
      code: "BAD_DATA",
      where: this.#where,
      expected: "tokens of the vocabulary",
      received: JSON.stringify(token),
      fix: "allow unknown tokens with numOovIndices: 1",
    });
  }

  /** The token of an index; the one for unknown tokens where there is none. */
  tokenAt(index: number): T {
    return this.vocabulary[index] ?? this.#options.oovToken;
  }

  /** Rows of tokens as a tensor: [B,T] of int32, or float32 [B,V] with one number for each word; oneHot of several tokens a row is [B,T,V]. */
  encode(rows: readonly (readonly T[])[]): Tensor {
    const { outputMode, padToMaxTokens, maxTokens } = this.#options;
    const idf = this.#idf();
    const indices = rows.map((row) => row.map((token) => this.indexOf(token)));
    return encodeIndices(indices, outputMode, padToMaxTokens ? maxTokens! : this.vocabulary.length, outputMode === "tfIdf" ? (index) => idf[index]! : undefined);
  }

  /** The weight of each index; an unknown token weighs as much as the others on average. */
  #idf(): number[] {
    if (this.#weights === undefined) return [];
    const mean = this.#weights.reduce((sum, weight) => sum + weight, 0) / this.#weights.length;
    return [...Array.from({ length: this.#options.numOovIndices }, () => mean), ...this.#weights];
  }

  #known(): readonly T[] {
    if (this.#tokens !== undefined) return this.#tokens;
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: this.#where,
      expected: "a vocabulary",
      received: "none",
      fix: "call adapt with data first, or give the option vocabulary",
    });
  }
}

/** Numbers by size, strings by code points, as their UTF-8 bytes would be. */
function compare<T extends string | number>(a: T, b: T): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [Array.from(String(a)), Array.from(String(b))];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
