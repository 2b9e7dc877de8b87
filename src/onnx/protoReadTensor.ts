import { NacreError } from "../error.js";
import { type DType, bytesPerElement } from "../tensor/dtype.js";
import { type ExternalData, type TensorProto, dtypeOfElementType, elementType } from "./protoModel.js";
import type { WireReader } from "./protoWire.js";

/** How one number of each dtype is stored raw, for files that list numbers instead. */
type Store = (view: DataView, at: number, value: number | bigint) => void;
const STORE: Readonly<Record<DType, Store>> = {
  float32: (view, at, value) => view.setFloat32(at, Number(value), true),
  float64: (view, at, value) => view.setFloat64(at, Number(value), true),
  int32: (view, at, value) => view.setInt32(at, Number(value), true),
  uint32: (view, at, value) => view.setUint32(at, Number(value), true),
  int64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  uint8: (view, at, value) => view.setUint8(at, Number(value)),
  int8: (view, at, value) => view.setInt8(at, Number(value)),
  bool: (view, at, value) => view.setUint8(at, Number(value)),
};

/** How the elements of types that tensors do not have are stored: how many bits, and how to read one. */
const STORED = new Map<number, { readonly bits: number; readonly read: (view: DataView, i: number) => number | bigint }>([
  [4, { bits: 16, read: (view, i) => view.getUint16(i * 2, true) }],
  [5, { bits: 16, read: (view, i) => view.getInt16(i * 2, true) }],
  [10, { bits: 16, read: (view, i) => halves()[view.getUint16(i * 2, true)]! }],
  [13, { bits: 64, read: (view, i) => view.getBigInt64(i * 8, true) }],
  [16, { bits: 16, read: (view, i) => brainFloat(view.getUint16(i * 2, true)) }],
  [21, { bits: 4, read: (view, i) => fourBits(view, i) }],
  [22, { bits: 4, read: (view, i) => (fourBits(view, i) << 28) >> 28 }],
]);

/** Reads one stored tensor; raw data stays a view of the file where no type is widened. */
export function readTensor(reader: WireReader): TensorProto {
  let [name, element, outside] = ["", 0, false];
  let raw: Uint8Array | undefined;
  /** A list of floats in one piece, which is what raw data would be. */
  let listed: Listed | undefined;
  const shape: number[] = [];
  const values: (number | bigint)[] = [];
  const entries = new Map<string, string>();
  reader.each(({ number, wire }) => {
    const packed = wire === 2 && listed === undefined && values.length === 0;
    if (number === 1) reader.repeated(wire, (one) => one.int(), shape);
    else if (number === 2) element = reader.int();
    else if (packed && (number === 4 || number === 10)) listed = { bytes: reader.bytes(), dtype: number === 4 ? "float32" : "float64" };
    else if (number === 4) reader.repeated(wire, (one) => one.float(), values);
    else if (number === 5 || number === 7 || number === 11) reader.repeated(wire, (one) => one.int64(), values);
    else if (number === 8) name = reader.string();
    else if (number === 9) raw = reader.bytes();
    else if (number === 10) reader.repeated(wire, (one) => one.double(), values);
    else if (number === 13) entries.set(...readEntry(reader.message()));
    else if (number === 14) outside = reader.int() === 1;
    else return false;
    return true;
  });
  const dtype = dtypeOfElementType(element);
  if (dtype === undefined) {
    throw new NacreError({
      code: "UNSUPPORTED",
      where: `ONNX tensor "${name}"`,
      expected: "numbers or booleans",
      received: `element type ${element}`,
    });
  }
  checkRank(reader, name, shape);
  if (shape.some((dim) => dim < 0)) throw reader.bad(`a shape for "${name}"`, `[${shape.join(", ")}]`);
  if (outside) return { name, dtype, shape, data: new Uint8Array(0), external: externalData(reader, name, entries, element) };
  if (listed !== undefined && values.length === 0 && listed.dtype === dtype && STORED.get(element) === undefined) raw ??= listed.bytes;
  const data = raw === undefined ? pack(dtype, unwrapped(element, listed === undefined ? values : [...floatsIn(listed), ...values])) : elementsOf(raw, element, count(shape));
  if (data.length !== count(shape) * bytesPerElement(dtype)) {
    throw reader.bad(`data for ${dtype}[${shape.join(", ")}] in "${name}"`, `${data.length} bytes`);
  }
  return { name, dtype, shape, data };
}

interface Listed {
  readonly bytes: Uint8Array;
  readonly dtype: "float32" | "float64";
}

function floatsIn({ bytes, dtype }: Listed): Iterable<number> {
  const { buffer } = bytes.slice(0, bytes.length - (bytes.length % bytesPerElement(dtype)));
  return dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
}

/** More axes than any library knows. */
const MAX_RANK = 64;

/** Refuses shapes whose mere printing would take long. */
export function checkRank(reader: WireReader, name: string, shape: readonly unknown[]): void {
  if (shape.length > MAX_RANK) throw reader.bad(`at most ${MAX_RANK} axes in "${name}"`, String(shape.length));
}

/** Stored bytes in the type that tensors have for them, a view where it is the same; fewer where too few are stored. */
export function elementsOf(raw: Uint8Array, element: number, length: number): Uint8Array {
  const stored = STORED.get(element);
  if (stored === undefined) return raw;
  if (raw.length !== Math.ceil((length * stored.bits) / 8)) return new Uint8Array(0);
  const dtype = dtypeOfElementType(element)!;
  const bytes = new Uint8Array(length * bytesPerElement(dtype));
  const [from, to] = [raw, bytes].map((array) => new DataView(array.buffer, array.byteOffset, array.byteLength)) as [DataView, DataView];
  const [store, step] = [STORE[dtype], bytesPerElement(dtype)];
  for (let i = 0; i < length; i++) store(to, i * step, stored.read(from, i));
  return bytes;
}

/** Half floats are listed as the integers of their bits. */
function unwrapped(element: number, values: readonly (number | bigint)[]): readonly (number | bigint)[] {
  if (element === 10) return values.map((bits) => halfFloat(Number(bits) & 0xffff));
  if (element === 16) return values.map((bits) => brainFloat(Number(bits) & 0xffff));
  return element === elementType("float32") || element === elementType("float64") ? values.map(Number) : values;
}

function halfFloat(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

let table: Float32Array | undefined;

/** All half floats by their bits: large files hold many. */
function halves(): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfFloat(bits));
  return table;
}

const SCRATCH = new DataView(new ArrayBuffer(4));

function brainFloat(bits: number): number {
  SCRATCH.setUint32(0, bits * 65_536);
  return SCRATCH.getFloat32(0);
}

function fourBits(view: DataView, i: number): number {
  return (view.getUint8(i >> 1) >> (i % 2 === 0 ? 0 : 4)) & 15;
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

function readEntry(reader: WireReader): [string, string] {
  let [key, value] = ["", ""];
  reader.each(({ number }) => {
    if (number === 1) key = reader.string();
    else if (number === 2) value = reader.string();
    else return false;
    return true;
  });
  return [key, value];
}

function externalData(reader: WireReader, name: string, entries: ReadonlyMap<string, string>, element: number): ExternalData {
  const location = entries.get("location");
  const [offset, length] = [Number(entries.get("offset") ?? 0), entries.get("length")];
  const whole = [offset, Number(length ?? 0)].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (location === undefined || !whole) throw reader.bad(`a place for the data of "${name}"`, JSON.stringify([...entries]));
  return { location, offset, ...(length === undefined ? {} : { length: Number(length) }), element };
}

function pack(dtype: DType, values: readonly (number | bigint)[]): Uint8Array {
  const bytes = new Uint8Array(values.length * bytesPerElement(dtype));
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => STORE[dtype](view, i * bytesPerElement(dtype), value));
  return bytes;
}
