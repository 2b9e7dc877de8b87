import type { TypedArray } from "../tensor/dtype.js";
import { type Batch, type ColumnSpecs, rowCount } from "./column.js";

/**
 * A 53-bit hash of each row's values in the columns `names`: equal rows have equal hashes, and
 * different rows collide about once in 10^16 pairs.
 */
export function fingerprints(batch: Batch, names: readonly string[]): Float64Array {
  const rows = rowCount(batch);
  const out = new Float64Array(rows);
  const columns = names.map((name) => words(batch[name]!.data));
  for (let row = 0; row < rows; row++) {
    let a = 0x811c9dc5;
    let b = 0x9747b28c;
    for (const data of columns) {
      const size = data.length / rows;
      for (let i = row * size; i < (row + 1) * size; i++) {
        const word = data[i]!;
        a = Math.imul(a ^ word, 0x01000193);
        a ^= a >>> 15;
        b = Math.imul(b ^ word, 0x5bd1e995);
        b ^= b >>> 13;
      }
    }
    out[row] = (a >>> 0) * 2 ** 21 + (b >>> 11);
  }
  return out;
}

/** The fingerprints of all rows, once for each list of columns. */
export async function rowKeys(
  chunks: AsyncIterable<Batch>,
  lists: readonly (readonly string[])[],
): Promise<Float64Array[]> {
  const parts: Float64Array[][] = lists.map(() => []);
  for await (const chunk of chunks) {
    for (const [i, names] of lists.entries()) parts[i]!.push(fingerprints(chunk, names));
  }
  return parts.map(join);
}

/**
 * A number for all rows, whatever their order: 16 hexadecimal digits that tell data apart, but do not
 * hold against somebody who means to deceive.
 */
export async function datasetFingerprint(chunks: AsyncIterable<Batch>, columns: ColumnSpecs): Promise<string> {
  const names = Object.keys(columns).toSorted();
  let [sum, mixed, rows] = [0n, 0n, 0n];
  for await (const chunk of chunks) {
    for (const key of fingerprints(chunk, names)) {
      const wide = BigInt(key);
      sum += wide;
      // Sums of squares tell apart what sums alone do not.
      mixed += wide * wide;
      rows += 1n;
    }
  }
  const spec = names.map((name) => `${name} ${columns[name]!.dtype} ${columns[name]!.shape.join()}`).join("\n");
  let hash = BigInt.asUintN(64, sum * 0x9e3779b97f4a7c15n ^ mixed * 0xc2b2ae3d27d4eb4fn ^ rows);
  for (const letter of spec) hash = BigInt.asUintN(64, (hash ^ BigInt(letter.codePointAt(0)!)) * 0x100000001b3n);
  return (hash ^ (hash >> 29n)).toString(16).padStart(16, "0");
}

function join(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** The bits of the array in words of at most 32, the same number for each element. */
function words(data: TypedArray): Int32Array | Uint32Array | Uint8Array | Int8Array {
  if (data instanceof Float32Array || data instanceof Float64Array || data instanceof BigInt64Array) {
    return new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  }
  return data;
}
