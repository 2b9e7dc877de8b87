import { badHdf5, unsupportedHdf5 } from "./problems.js";

/** An address that stands for none. */
const UNDEFINED = 0xffffffffffffffffn;

/** The bytes of an HDF5 file, every read of which is checked against their end. */
export class Source {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #visited = new Set<string>();
  /** How many bytes may still be taken apart; a sound file is gone through about once. */
  #budget: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = 4 * bytes.length;
  }

  /** Marks a structure as read. @throws BAD_FILE when it was read before: in a sound file each has one owner */
  visit(kind: string, at: number): void {
    const key = `${kind} ${at}`;
    if (this.#visited.has(key)) throw badHdf5(`each ${kind} in one place`, `one at byte ${at} that is used twice`);
    this.#visited.add(key);
  }

  /** Counts work, so that parts laid over each other cannot make a small file a long read. */
  spend(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget < 0) throw badHdf5("parts that lie beside each other", "parts that overlap");
  }

  u8(at: number): number {
    this.#need(at, 1);
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    this.#need(at, 2);
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    this.#need(at, 4);
    return this.#view.getUint32(at, true);
  }

  /** A length of 64 bits. */
  u64(at: number): number {
    this.#need(at, 8);
    const value = this.#view.getBigUint64(at, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badHdf5("lengths that a file can have", `${value}`);
    return Number(value);
  }

  /** A whole number of 1, 2, 4 or 8 bytes. */
  unsigned(at: number, size: number): number {
    return size === 1 ? this.u8(at) : size === 2 ? this.u16(at) : size === 4 ? this.u32(at) : this.u64(at);
  }

  /** Where something lies; undefined where the file says that it lies nowhere. */
  address(at: number): number | undefined {
    this.#need(at, 8);
    return this.#view.getBigUint64(at, true) === UNDEFINED ? undefined : this.u64(at);
  }

  /** Some of the bytes. */
  slice(at: number, length: number): Uint8Array {
    this.#need(at, length);
    return this.bytes.subarray(at, at + length);
  }

  /** Text up to the first zero byte, before `end`. */
  text(at: number, end: number): string {
    this.#need(at, end - at);
    const stop = this.bytes.subarray(at, end).indexOf(0);
    if (stop === -1) throw badHdf5("names that end", `one at byte ${at} that does not`);
    this.spend(stop);
    return new TextDecoder().decode(this.bytes.subarray(at, at + stop));
  }

  /** Whether the bytes at a place are those of an ASCII word. */
  says(word: string, at: number): boolean {
    return at + word.length <= this.bytes.length && this.bytes.subarray(at, at + word.length).every((byte, i) => byte === word.charCodeAt(i));
  }

  /** Refuses a place that does not begin with its signature. */
  expect(word: string, at: number): void {
    if (!this.says(word, at)) throw badHdf5(`"${word}" at byte ${at}`, "other bytes");
  }

  /** Refuses a version that is not known. */
  version(what: string, version: number, known: readonly number[]): void {
    if (!known.includes(version)) throw unsupportedHdf5(what, `version ${known.join(" or ")}`, `${version}`);
  }

  #need(at: number, length: number): void {
    if (at >= 0 && length >= 0 && at + length <= this.bytes.length) return;
    throw badHdf5(`${this.bytes.length} bytes that hold all parts`, `a part at byte ${at} of ${length} bytes`);
  }
}
