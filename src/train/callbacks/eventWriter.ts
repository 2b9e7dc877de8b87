/** Buckets of a histogram. */
const BUCKETS = 30;

/** Writes a file of TensorBoard's: records of events, each with checksums. @source TensorFlow's record and event formats */
export class EventWriter {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Begins a file in a folder, which is made where it is missing. */
  static async open(folder: string): Promise<EventWriter> {
    const unique = crypto.randomUUID().slice(0, 8);
    const writer = new EventWriter(`${folder}/events.out.tfevents.${Math.floor(Date.now() / 1000)}.nacre.${unique}`);
    await writer.#append([...double(1, Date.now() / 1000), ...bytes(3, text("brain.Event:2"))]);
    return writer;
  }

  async scalars(step: number, values: readonly (readonly [tag: string, value: number])[]): Promise<void> {
    const summary = values.flatMap(([tag, value]) => bytes(1, [...bytes(1, text(tag)), ...float(2, value)]));
    await this.#event(step, summary);
  }

  async histogram(step: number, tag: string, values: Float32Array): Promise<void> {
    await this.#event(step, bytes(1, [...bytes(1, text(tag)), ...bytes(5, histogramOf(values))]));
  }

  async #event(step: number, summary: readonly number[]): Promise<void> {
    await this.#append([...double(1, Date.now() / 1000), ...integer(2, step), ...bytes(5, summary)]);
  }

  /** One record: its length, the length's checksum, the data, their checksum. */
  async #append(data: readonly number[]): Promise<void> {
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
    const payload = Uint8Array.from(data);
    const record = Uint8Array.from([...length, ...checksum(length), ...payload, ...checksum(payload)]);
    const { appendBytes } = await import("../../files/disk.js");
    await appendBytes(this.#path, record);
  }
}

function histogramOf(values: Float32Array): number[] {
  const finite = values.filter((value) => Number.isFinite(value));
  const [low, high] = finite.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  if (finite.length === 0) return [];
  const width = (high - low) / BUCKETS || 1;
  const counts = Array.from({ length: BUCKETS }, () => 0);
  for (const value of finite) counts[Math.min(BUCKETS - 1, Math.floor((value - low) / width))]!++;
  const limits = counts.map((_, i) => low + (i + 1) * width);
  const sum = finite.reduce((a, b) => a + b, 0);
  const squares = finite.reduce((a, b) => a + b * b, 0);
  return [
    ...[low, high, finite.length, sum, squares].flatMap((value, i) => double(i + 1, value)),
    ...bytes(6, limits.flatMap(float64)),
    ...bytes(7, counts.flatMap(float64)),
  ];
}

// Protocol buffers: a field's number and kind, then its value.

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = BigInt(value);
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...out, Number(rest)];
}

function integer(field: number, value: number): number[] {
  return [field << 3, ...varint(value)];
}

function double(field: number, value: number): number[] {
  return [(field << 3) | 1, ...float64(value)];
}

function float(field: number, value: number): number[] {
  return [(field << 3) | 5, ...new Uint8Array(Float32Array.of(value).buffer)];
}

function bytes(field: number, value: readonly number[]): number[] {
  return [(field << 3) | 2, ...varint(value.length), ...value];
}

function float64(value: number): number[] {
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}

function text(value: string): number[] {
  return [...new TextEncoder().encode(value)];
}

/** What each byte contributes to the remainder modulo the reversed Castagnoli polynomial. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  return remainder;
});

/** CRC-32C, turned and shifted by a constant as records have it. */
function checksum(data: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!;
  crc = ~crc >>> 0;
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  return new Uint8Array(Uint32Array.of(masked).buffer);
}
