import { NacreError, checkOptions } from "../error.js";
import { badOption } from "../options.js";
import { tensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";

/** What rows of tokens become: their indices, or one number for each word of the vocabulary. */
export type OutputMode = "int" | "multiHot" | "count" | "tfIdf";

/** Options that all lookups share. `T` is what a token is. */
export interface LookupOptions<T> {
  /** Size of the vocabulary at most, with the places for unknown and masked tokens; null for no limit. Default null. */
  readonly maxTokens?: number | null;
  /** Places for unknown tokens: 1, or 0 to refuse them. Default 1. */
  readonly numOovIndices?: 0 | 1;
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
  "maxTokens", "numOovIndices", "maskToken", "oovToken", "vocabulary", "idfWeights", "outputMode", "padToMaxTokens",
] as const;

const MODES: readonly OutputMode[] = ["int", "multiHot", "count", "tfIdf"];

/** Known tokens and their indices, as Keras numbers them: mask, unknown, then by frequency. */
export class Lookup<T extends string | number> {
  readonly #where: string;
  readonly #options: Required<LookupOptions<T>>;
  #tokens: readonly T[] | undefined;
  #index = new Map<T, number>();
  #weights: readonly number[] | undefined;

  constructor(where: string, options: LookupOptions<T>, oovToken: T) {
    checkOptions(where, options, [...LOOKUP_OPTIONS]);
    this.#where = where;
    this.#options = {
      maxTokens: options.maxTokens ?? null,
      numOovIndices: options.numOovIndices ?? 1,
      maskToken: options.maskToken ?? null,
      oovToken: options.oovToken ?? oovToken,
      vocabulary: options.vocabulary ?? null,
      idfWeights: options.idfWeights ?? null,
      outputMode: options.outputMode ?? "int",
      padToMaxTokens: options.padToMaxTokens ?? false,
    };
    const { maxTokens, numOovIndices, outputMode, padToMaxTokens, vocabulary, idfWeights } = this.#options;
    if (!MODES.includes(outputMode)) throw badOption(where, "outputMode", MODES.join(", "), outputMode);
    if (![0, 1].includes(numOovIndices)) throw badOption(where, "numOovIndices", "0 or 1", numOovIndices);
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
    const start = tokens[0] === this.#options.maskToken && tokens[1] === this.#options.oovToken ? 2 : tokens[0] === this.#options.oovToken ? 1 : 0;
    const own = tokens.slice(start);
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

  /** All tokens by index, those for mask and unknown first. */
  get vocabulary(): T[] {
    const { maskToken, oovToken, numOovIndices } = this.#options;
    return [...(this.#masks ? [maskToken!] : []), ...(numOovIndices === 1 ? [oovToken] : []), ...this.#known()];
  }

  get idfWeights(): readonly number[] | undefined {
    return this.#weights;
  }

  indexOf(token: T): number {
    this.#known();
    const found = this.#index.get(token);
    if (found !== undefined) return found;
    if (this.#masks && token === this.#options.maskToken) return 0;
    if (this.#options.numOovIndices === 1) return this.#reserved - 1;
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

  /** Rows of tokens as a tensor: [B,T] of int32, or float32 [B,V] with one number for each word. */
  encode(rows: readonly (readonly T[])[]): Tensor {
    const indices = rows.map((row) => row.map((token) => this.indexOf(token)));
    return this.outputMode === "int" ? padded(indices) : this.#counted(indices);
  }

  #counted(rows: readonly (readonly number[])[]): Tensor {
    const { outputMode, padToMaxTokens, maxTokens } = this.#options;
    const width = padToMaxTokens ? maxTokens! : this.vocabulary.length;
    const data = new Float32Array(rows.length * width);
    const idf = this.#idf();
    rows.forEach((row, i) => {
      for (const index of row) {
        const at = i * width + index;
        data[at] = outputMode === "multiHot" ? 1 : data[at]! + (outputMode === "tfIdf" ? idf[index]! : 1);
      }
    });
    return tensor(data, { shape: [rows.length, width] });
  }

  /** The weight of each index; an unknown token weighs as much as the others on average. */
  #idf(): number[] {
    if (this.#weights === undefined) return [];
    const mean = this.#weights.reduce((sum, weight) => sum + weight, 0) / this.#weights.length;
    return [...(this.#options.numOovIndices === 1 ? [mean] : []), ...this.#weights];
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

/** Rows of indices as [B,T], short ones filled with 0. */
export function padded(rows: readonly (readonly number[])[], length = Math.max(0, ...rows.map((row) => row.length))): Tensor {
  const data = new Int32Array(rows.length * length);
  rows.forEach((row, i) => data.set(row.slice(0, length), i * length));
  return tensor(data, { shape: [rows.length, length] });
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
