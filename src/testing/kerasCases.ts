import { readFileSync } from "node:fs";
import { unzipSync, zipSync } from "fflate";
import { arrayOf, type DType } from "../tensor/dtype.js";

/** An array of a fixture; what JSON has no number for is text. */
export interface StoredArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

/** A model of Keras, and what it predicts. */
export interface KerasCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly StoredArray[];
  readonly outputs: readonly StoredArray[];
}

/** The cases of an archive that scripts/fixtures/keras_layers.py wrote. */
export function kerasCases(url: URL): KerasCase[] {
  const entries = unzipSync(readFileSync(url));
  const names = new Set(Object.keys(entries).map((path) => path.split("/")[0]!));
  return [...names].map((name) => {
    const of = (entry: string): Uint8Array => entries[`${name}/${entry}`]!;
    const bytes = zipSync({ "config.json": of("config.json"), "model.weights.h5": of("model.weights.h5") }, { level: 0 });
    return { name, bytes, ...(JSON.parse(new TextDecoder().decode(of("case.json"))) as Omit<KerasCase, "name" | "bytes">) };
  });
}

export function arrayFrom({ dtype, shape, data }: StoredArray): { data: ReturnType<typeof arrayOf>; shape: readonly number[] } {
  return { data: arrayOf(dtype, data.map(Number)), shape };
}
