import { checkOptions } from "../error.js";
import { badOption } from "../options.js";
import type { Tensor } from "../tensor/tensor.js";
import { padded } from "./encode.js";
import { Lookup, type LookupOptions, type OutputMode } from "./lookup.js";
import { learned } from "./tokenLookup.js";

/** Options of {@link textVectorization}. */
export interface TextVectorizationOptions {
  /** Size of the vocabulary at most, with the places for padding and unknown words; null for no limit. Default null. */
  readonly maxTokens?: number | null;
  /** What is done to a text first; null for nothing. Default lowerAndStripPunctuation. */
  readonly standardize?: "lowerAndStripPunctuation" | "lower" | "stripPunctuation" | null | ((text: string) => string);
  /** What a text is cut into; null for the whole text. Default whitespace. */
  readonly split?: "whitespace" | "character" | null | ((text: string) => readonly string[]);
  /** Also runs of up to so many words, joined by spaces; null for single words. Default null. */
  readonly ngrams?: number | null;
  /** Default int. */
  readonly outputMode?: OutputMode;
  /** For int, the length that rows are cut or filled to; null for the longest of the batch. Default null. */
  readonly outputSequenceLength?: number | null;
  /** Whether rows of numbers have `maxTokens` places even if the vocabulary is smaller. Default false. */
  readonly padToMaxTokens?: boolean;
  /** The known words, the most frequent first. Default: what `adapt` finds. */
  readonly vocabulary?: readonly string[] | null;
  /** For tfIdf, the weight of each word of the vocabulary. Default: what `adapt` finds. */
  readonly idfWeights?: readonly number[] | null;
}

/** Turns texts into tensors. */
export interface TextVectorizer {
  /** Texts as a tensor: [B,T] of int32, or float32 [B,V]. */
  (texts: readonly string[]): Tensor;
  /** Learns the vocabulary from texts. */
  adapt(texts: Iterable<string>): void;
  /** All words by index, those for padding and unknown first. */
  getVocabulary(): string[];
  /** Takes a vocabulary, and for tfIdf the weight of each word. */
  setVocabulary(words: readonly string[], idfWeights?: readonly number[]): void;
  /** The options as plain JSON, with what was learned: pass them to `textVectorization` again. */
  toJSON(): TextVectorizationOptions;
}

const OPTIONS = [
  "maxTokens", "standardize", "split", "ngrams", "outputMode", "outputSequenceLength", "padToMaxTokens", "vocabulary", "idfWeights",
];

const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;

/** Letters of ASCII only, as Keras does it: the same text gives the same words on both sides. */
const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

const STANDARDIZE: Readonly<Record<string, (text: string) => string>> = {
  lowerAndStripPunctuation: (text) => lower(text).replaceAll(PUNCTUATION, ""),
  lower,
  stripPunctuation: (text) => text.replaceAll(PUNCTUATION, ""),
};

const SPLIT: Readonly<Record<string, (text: string) => readonly string[]>> = {
  whitespace: (text) => text.split(/[ \t\n\v\f\r]+/).filter((word) => word !== ""),
  character: (text) => Array.from(text),
};

/**
 * Texts to rows of word indices, 0 for padding and 1 for unknown words, or to one number for each word
 * of the vocabulary, as Keras's TextVectorization does it. Keep it beside the model:
 * `JSON.stringify(vectorize)` holds all, and `textVectorization(JSON.parse(…))` makes it again.
 *
 * @throws BAD_ARGUMENT when an option is out of its range, or there is no vocabulary yet
 * @example
 * const vectorize = textVectorization({ outputSequenceLength: 4 });
 * vectorize.adapt(["The cat sat.", "the dog"]);
 * console.log(await vectorize(["the cat ran"]).toArray()); // [[2, 5, 1, 0]]
 */
export function textVectorization(options: TextVectorizationOptions = {}): TextVectorizer {
  const where = "textVectorization";
  checkOptions(where, options, OPTIONS);
  const { standardize: _standardize, split: _split, ngrams = null, outputSequenceLength: length = null, ...rest } = options;
  const standardize = chosen(where, "standardize", options.standardize, "lowerAndStripPunctuation", STANDARDIZE, (text) => text);
  const split = chosen(where, "split", options.split, "whitespace", SPLIT, (text) => [text]);
  if (ngrams !== null && !(Number.isInteger(ngrams) && ngrams >= 1)) throw badOption(where, "ngrams", "a whole number of at least 1, or null", ngrams);
  if (length !== null && !(Number.isInteger(length) && length >= 1)) throw badOption(where, "outputSequenceLength", "a whole number of at least 1, or null", length);
  if (length !== null && (options.outputMode ?? "int") !== "int") throw badOption(where, "outputSequenceLength", "null where outputMode is not int", length);
  const lookup = new Lookup<string>(where, { ...rest, maskToken: "" } satisfies LookupOptions<string>, "[UNK]");
  const words = (text: string): readonly string[] => {
    if (typeof text !== "string") throw badOption(where, "texts", "strings", text);
    return grams(split(standardize(text)), ngrams);
  };
  const call = (texts: readonly string[]): Tensor => {
    const rows = texts.map(words);
    if (lookup.outputMode !== "int") return lookup.encode(rows);
    return padded(rows.map((row) => row.map((word) => lookup.indexOf(word))), length ?? undefined);
  };
  return Object.assign(call, {
    adapt: (texts: Iterable<string>) => lookup.adapt(Array.from(texts, words)),
    getVocabulary: () => lookup.vocabulary,
    setVocabulary: (tokens: readonly string[], idfWeights?: readonly number[]) => lookup.setVocabulary(tokens, idfWeights),
    toJSON: () => learned(options as LookupOptions<string>, lookup) as TextVectorizationOptions,
  });
}

function chosen<R>(
  where: string,
  option: string,
  value: string | null | ((text: string) => R) | undefined,
  fallback: string,
  known: Readonly<Record<string, (text: string) => R>>,
  none: (text: string) => R,
): (text: string) => R {
  if (value === null) return none;
  if (typeof value === "function") return value;
  const found = known[value ?? fallback];
  if (found === undefined) throw badOption(where, option, `${Object.keys(known).join(", ")}, null or a function`, value);
  return found;
}

/** All words, then all runs of two words, and so on. */
function grams(words: readonly string[], longest: number | null): readonly string[] {
  if (longest === null) return words;
  return Array.from({ length: longest }, (_, n) =>
    words.slice(n).map((_word, i) => words.slice(i, i + n + 1).join(" ")),
  ).flat();
}
