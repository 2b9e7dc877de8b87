export { categoryEncoding, type CategoryEncodingArguments, type CategoryEncodingLayer, type CategoryEncodingOptions } from "./categoryEncoding.js";
export { type Hasher, hashing, type HashingOptions } from "./hashing.js";
export type { Salt } from "./bucket.js";
export type { LookupOptions, OutputMode } from "./lookup.js";
export { textVectorization, type TextVectorizationOptions, type TextVectorizer } from "./textVectorization.js";
export { integerLookup, stringLookup, type TokenLookup } from "./tokenLookup.js";
