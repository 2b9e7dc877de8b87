import { NacreError } from "../error.js";

/** How a field's value is laid out in the protocol buffer wire format. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** Collects the fields of one message; large byte strings are kept by reference until `finish`. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];
  /** What was written since the last large part, in the first bytes. */
  #small = new Uint8Array(64);
  #used = 0;
  #length = 0;

  /** A 64-bit signed integer; numbers outside its range go to the nearest end. */
  int(field: number, value: number): void {
    if (!Number.isInteger(value)) {
      throw new NacreError({
        code: "BAD_ARGUMENT",
        where: "ONNX integer",
        expected: "a whole number",
        received: String(value),
        fix: "an attribute of type FLOAT is written { float: value }",
      });
    }
    this.#varint(field * 8 + WIRE.varint);
    this.#varint(value);
  }

  float(field: number, value: number): void {
    this.#varint(field * 8 + WIRE.fixed32);
    const four = new DataView(new ArrayBuffer(4));
    four.setFloat32(0, value, true);
    for (let i = 0; i < 4; i++) this.#byte(four.getUint8(i));
  }

  string(field: number, value: string): void {
    // Names in programs are short, and have ASCII letters: thousands of calls of the encoder would take most of the time.
    if (value.length > 64 || !isAscii(value)) {
      this.bytes(field, encoder.encode(value));
      return;
    }
    this.#varint(field * 8 + WIRE.bytes);
    this.#varint(value.length);
    for (let i = 0; i < value.length; i++) this.#byte(value.charCodeAt(i));
  }

  bytes(field: number, value: Uint8Array): void {
    this.#varint(field * 8 + WIRE.bytes);
    this.#varint(value.length);
    this.#append(value);
  }

  message<T>(field: number, write: (writer: WireWriter, value: T) => void, value: T): void {
    const inner = new WireWriter();
    write(inner, value);
    inner.#flush();
    this.#varint(field * 8 + WIRE.bytes);
    this.#varint(inner.#length);
    for (const part of inner.#parts) this.#append(part);
  }

  /** The whole message, in one allocation. */
  finish(): Uint8Array {
    this.#flush();
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #append(bytes: Uint8Array): void {
    if (bytes.length <= 256) {
      this.#reserve(bytes.length);
      this.#small.set(bytes, this.#used);
      this.#used += bytes.length;
      return;
    }
    this.#flush();
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  #byte(byte: number): void {
    if (this.#used === this.#small.length) this.#reserve(1);
    this.#small[this.#used++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#small.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#small.length, this.#used + bytes));
    larger.set(this.#small.subarray(0, this.#used));
    this.#small = larger;
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#parts.push(this.#small.subarray(0, this.#used));
    this.#length += this.#used;
    this.#small = new Uint8Array(64);
    this.#used = 0;
  }

  #varint(value: number): void {
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) {
      const wide = BigInt(value);
      let rest = BigInt.asUintN(64, wide > INT64_MAX ? INT64_MAX : wide < INT64_MIN ? INT64_MIN : wide);
      for (; rest > 127n; rest >>= 7n) this.#byte(Number(rest & 127n) | 128);
      this.#byte(Number(rest));
      return;
    }
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#byte((rest % 128) | 128);
    this.#byte(rest);
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** One field of a message that is being read. */
export interface WireField {
  readonly number: number;
  readonly wire: number;
}

/** Reads the fields of one message from bytes that nobody vouches for; never copies or allocates by a declared size. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  #at = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
  }

  /** Calls `read` for each field; a field that `read` leaves alone (false) is skipped. */
  each(read: (field: WireField) => boolean): void {
    while (this.#at < this.#bytes.length) {
      const tag = this.int();
      const field = { number: Math.floor(tag / 8), wire: tag % 8 };
      if (tag < 8) throw this.bad("a field number of at least 1", `tag ${tag}`);
      if (!read(field)) this.#skip(field.wire);
    }
  }

  /** A 64-bit signed integer, rounded beyond 2^53. */
  int(): number {
    const [low, high] = this.#varint();
    return high * 2 ** 32 + low;
  }

  /** A 64-bit signed integer, exactly. */
  int64(): bigint {
    const [low, high] = this.#varint();
    return (BigInt(high) << 32n) + BigInt(low);
  }

  float(): number {
    return this.#view.getFloat32(this.#advance(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  /** A view of a length-delimited value. */
  bytes(): Uint8Array {
    const length = this.int();
    const begin = this.#advance(length);
    return this.#bytes.subarray(begin, begin + length);
  }

  string(): string {
    const raw = this.bytes();
    try {
      return decoder.decode(raw);
    } catch (cause) {
      throw this.bad("text in UTF-8", `${raw.length} other bytes`, cause);
    }
  }

  message(where = this.#where): WireReader {
    return new WireReader(this.bytes(), where);
  }

  /** The numbers of a repeated field, which writers may pack into one value or not. */
  repeated<T>(wire: number, read: (reader: WireReader) => T, into: T[]): void {
    if (wire !== WIRE.bytes) {
      into.push(read(this));
      return;
    }
    const packed = this.message();
    while (packed.#at < packed.#bytes.length) into.push(read(packed));
  }

  bad(expected: string, received: string, cause?: unknown): NacreError {
    return new NacreError({
      code: "BAD_FILE",
      where: this.#where,
      expected,
      received,
      fix: "the file is damaged or is no ONNX model; fetch or export it again",
      cause,
    });
  }

  /** The low half, and the high half with its sign. */
  #varint(): [number, number] {
    let [low, high] = [0, 0];
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw this.#cut();
      const bits = byte & 127;
      if (shift < 28) low += bits * 2 ** shift;
      else if (shift === 28) {
        low += (bits & 15) * 2 ** 28;
        high = bits >> 4;
      } else high += bits * 2 ** (shift - 32);
      if (byte < 128) return [low, high | 0];
    }
    throw this.bad("an integer of at most 10 bytes", "a longer one");
  }

  #skip(wire: number): void {
    if (wire === WIRE.varint) this.#varint();
    else if (wire === WIRE.fixed64) this.#advance(8);
    else if (wire === WIRE.bytes) this.bytes();
    else if (wire === WIRE.fixed32) this.#advance(4);
    else throw this.bad("a field of a known wire type", `wire type ${wire}`);
  }

  /** Moves on by `length` bytes, and gives the place before. */
  #advance(length: number): number {
    const begin = this.#at;
    if (length < 0 || length > this.#bytes.length - begin) throw this.#cut();
    this.#at = begin + length;
    return begin;
  }

  #cut(): NacreError {
    return this.bad("a field within its message", "a length that goes past the end");
  }
}
