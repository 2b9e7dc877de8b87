import { brainToFloat, halfToFloat } from "../half.js";
import { type Message, MESSAGE, messageOf } from "./messages.js";
import { badHdf5, unsupportedHdf5 } from "./problems.js";
import type { Source } from "./source.js";

/** An array of a file, as numbers. */
export interface Hdf5Dataset {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** HDF5 itself allows no more. */
const MAX_RANK = 32;

/** Exponent bits of the IEEE float of so many bytes. */
const EXPONENT_BITS: Readonly<Record<number, number>> = { 2: 5, 4: 8, 8: 11 };

/** Kinds of numbers; what HDF5 has no word for is opaque, as bfloat16 is. */
const KIND = { whole: 0, float: 1, opaque: 5 } as const;

type Element = (view: DataView, at: number) => number;

interface Datatype {
  readonly size: number;
  readonly read: Element;
  /** Whether it is the host's own float32. */
  readonly plain: boolean;
}

/** The array whose object header has these messages. @throws UNSUPPORTED when it is none of numbers in one piece */
export function datasetOf(source: Source, name: string, messages: readonly Message[]): Hdf5Dataset {
  const part = (type: number, what: string): Message => {
    const message = messageOf(messages, type);
    if (message === undefined) throw badHdf5(`${what} of "${name}"`, "an object without it");
    return message;
  };
  const shape = shapeOf(source, name, part(MESSAGE.dataspace, "the shape"));
  const type = datatypeOf(source, name, part(MESSAGE.datatype, "the number type"));
  if (messageOf(messages, MESSAGE.filters) !== undefined) throw unsupportedHdf5(`dataset "${name}"`, "plain data", "compressed data");
  const stored = storedBytes(source, name, part(MESSAGE.layout, "the layout"));
  const count = shape.reduce((product, dim) => product * dim, 1);
  // Before memory is taken: the data lie in the file, one number after the other.
  if (stored.length !== count * type.size) {
    throw badHdf5(`${count * type.size} bytes of "${name}", of shape [${shape.join(", ")}]`, `${stored.length}`);
  }
  source.spend(stored.length);
  return { shape, data: numbersIn(stored, count, type) };
}

function numbersIn(bytes: Uint8Array, count: number, { size, read, plain }: Datatype): Float32Array | Float64Array {
  if (plain) return new Float32Array(bytes.slice().buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: count }, (_, i) => read(view, i * size));
}

function shapeOf(source: Source, name: string, { at, size }: Message): number[] {
  const version = source.u8(at);
  source.version(`shape of "${name}"`, version, [1, 2]);
  const rank = source.u8(at + 1);
  const begin = at + (version === 1 ? 8 : 4);
  if (rank > MAX_RANK || begin + 8 * rank > at + size) throw badHdf5(`a shape of "${name}" within its message`, `${rank} axes`);
  return Array.from({ length: rank }, (_, i) => source.u64(begin + 8 * i));
}

function datatypeOf(source: Source, name: string, { at }: Message): Datatype {
  const kind = source.u8(at) & 15;
  const bits = source.u8(at + 1);
  const size = source.u32(at + 4);
  const little = (bits & 1) === 0;
  const unknown = (): Error => unsupportedHdf5(`dataset "${name}"`, "floats or whole numbers", `type ${kind} of ${size} bytes`);
  if (kind === KIND.opaque && size === 2) return { size, read: (view, i) => brainToFloat(view.getUint16(i, true)), plain: false };
  const precise = source.u16(at + 8) === 0 && source.u16(at + 10) === 8 * size;
  if (kind === KIND.float) {
    if (!precise || (bits & 64) !== 0 || source.u8(at + 13) !== EXPONENT_BITS[size]) throw unknown();
    return { size, read: floatReader(size, little), plain: size === 4 && little && LITTLE_ENDIAN_HOST };
  }
  const read = kind === KIND.whole && precise ? wholeReader(size, (bits & 8) !== 0, little) : undefined;
  if (read === undefined) throw unknown();
  return { size, read, plain: false };
}

const LITTLE_ENDIAN_HOST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function floatReader(size: number, little: boolean): Element {
  if (size === 2) return (view, i) => halfToFloat(view.getUint16(i, little));
  return size === 4 ? (view, i) => view.getFloat32(i, little) : (view, i) => view.getFloat64(i, little);
}

function wholeReader(size: number, signed: boolean, little: boolean): Element | undefined {
  switch (size) {
    case 1:
      return signed ? (view, i) => view.getInt8(i) : (view, i) => view.getUint8(i);
    case 2:
      return signed ? (view, i) => view.getInt16(i, little) : (view, i) => view.getUint16(i, little);
    case 4:
      return signed ? (view, i) => view.getInt32(i, little) : (view, i) => view.getUint32(i, little);
    case 8:
      return (view, i) => Number(signed ? view.getBigInt64(i, little) : view.getBigUint64(i, little));
    default:
      return undefined;
  }
}

/** The bytes of a dataset that lies in one piece. */
function storedBytes(source: Source, name: string, { at, size }: Message): Uint8Array {
  source.version(`layout of "${name}"`, source.u8(at), [3, 4]);
  switch (source.u8(at + 1)) {
    case 0: {
      const length = source.u16(at + 2);
      if (4 + length > size) throw badHdf5(`data of "${name}" within their message`, `${length} bytes`);
      return source.slice(at + 4, length);
    }
    case 1: {
      const address = source.address(at + 2);
      // Without an address nothing was ever written.
      return address === undefined ? new Uint8Array() : source.slice(address, source.u64(at + 10));
    }
    default:
      throw unsupportedHdf5(`dataset "${name}"`, "data in one piece", "data in chunks");
  }
}
