import { NacreError } from "../error.js";
import { type DType, type TypedArray, bytesPerElement, dtypeOfArray } from "../tensor/dtype.js";
import { STORED, parseHeader } from "./safetensorsHeader.js";

/** One named array of a safetensors file. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

const WHERE = "safetensors";

/**
 * Writes tensors in the safetensors format: header length (u64), JSON header, raw little-endian data.
 *
 * Wide elements come first in the data and the header is padded to a multiple of 8, so every
 * tensor lies aligned and a reader may map the file instead of copying it.
 *
 * @throws BAD_ARGUMENT when a tensor's data is not as long as its shape says
 * @example
 * const bytes = encodeSafetensors(new Map([["w", { dtype: "float32", shape: [2], data: new Float32Array(2) }]]));
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const offsets = new Map<string, number>();
  let end = 0;
  const wideFirst = [...tensors].sort(([, a], [, b]) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype));
  for (const [name, tensor] of wideFirst) {
    checkTensor(name, tensor);
    offsets.set(name, end);
    end += tensor.data.byteLength;
  }

  const fields: [string, object][] = metadata === undefined ? [] : [["__metadata__", metadata]];
  for (const [name, { dtype, shape, data }] of tensors) {
    const begin = offsets.get(name)!;
    fields.push([name, { dtype: STORED[dtype], shape, data_offsets: [begin, begin + data.byteLength] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(fields)));
  const headerLength = Math.ceil(json.length / 8) * 8;

  const bytes = new Uint8Array(8 + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  for (const [name, { data }] of tensors) {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    bytes.set(raw, 8 + headerLength + offsets.get(name)!);
  }
  return bytes;
}

/**
 * Reads a safetensors file; 16-bit floats are widened to float32.
 *
 * The bytes are taken as untrusted: every length and offset is checked before memory is taken,
 * and the tensors own their memory.
 *
 * @throws BAD_FILE when the file is cut short or contradicts itself
 * @throws UNSUPPORTED when a tensor has an element type that Nacre does not compute with
 * @example
 * const bytes = encodeSafetensors(new Map([["w", { dtype: "float32", shape: [2], data: new Float32Array(2) }]]));
 * console.log(decodeSafetensors(bytes).tensors.get("w")?.shape); // [2]
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const { entries, metadata, dataStart } = parseHeader(bytes);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, stored, shape, begin, end } of entries) {
    // A copy, because the tensor may lie unaligned in `bytes`; not `slice`, which only views when `bytes` is a Buffer.
    const raw = new Uint8Array(new ArrayBuffer(end - begin));
    raw.set(bytes.subarray(dataStart + begin, dataStart + end));
    if (stored.dtype === "bool" && raw.some((byte) => byte > 1)) {
      throw new NacreError({
        code: "BAD_FILE",
        where: `${WHERE}: tensor "${name}"`,
        expected: "bytes 0 and 1 in a BOOL tensor",
        received: "another byte",
        fix: "the file is damaged; fetch or write it again",
      });
    }
    tensors.set(name, { dtype: stored.dtype, shape, data: stored.read(raw) });
  }
  return { tensors, metadata };
}

function checkTensor(name: string, { dtype, shape, data }: StoredTensor): void {
  const where = `${WHERE}: tensor "${name}"`;
  if (name === "__metadata__") {
    throw new NacreError({ code: "BAD_ARGUMENT", where, expected: "another name", received: "one that the format reserves" });
  }
  const size = shape.reduce((product, dim) => product * dim, 1);
  const isCount = shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  const held = dtypeOfArray(data);
  if (!isCount || size !== data.length || held !== (dtype === "bool" ? "uint8" : dtype)) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where,
      expected: `${size} elements for ${dtype} [${shape.join(", ")}]`,
      received: `${data.length} elements of ${held}`,
    });
  }
}
