import { crc32 } from "./crc32.js";

/** One entry of a zip archive, as the archive's directory declares it. */
export interface ZipEntry {
  readonly name: string;
  /** 0 for entries that are stored as they are. */
  readonly compression: number;
  /** Bytes in the archive, and unpacked. */
  readonly size: number;
  readonly originalSize: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;

/** A comment may follow the end record, of at most so many bytes. */
const MAX_COMMENT = 0xffff;

/** The flag by which names are UTF-8. */
const UTF8 = 0x0800;

/** 1980-01-01, the earliest that zip can say: equal contents give equal bytes. */
const DATE = 0x21;

/** A zip archive of entries that are stored, not compressed, in their order. Zip counts bytes in 32 bits. */
export function writeZip(entries: readonly (readonly [name: string, data: Uint8Array])[]): Uint8Array {
  const files = entries.map(([name, data]) => ({ name: new TextEncoder().encode(name), data, crc: Number.parseInt(crc32(data), 16), start: 0 }));
  const size = files.reduce((sum, { name, data }) => sum + LOCAL_BYTES + CENTRAL_BYTES + 2 * name.length + data.length, END_BYTES);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const short = (value: number): void => {
    view.setUint16(at, value, true);
    at += 2;
  };
  const long = (value: number): void => {
    view.setUint32(at, value, true);
    at += 4;
  };
  const put = (data: Uint8Array): void => {
    bytes.set(data, at);
    at += data.length;
  };
  /** What both headers of an entry say, from the version that is needed to the length of the name. */
  const describe = ({ name, data, crc }: (typeof files)[number]): void => {
    for (const value of [20, UTF8, 0, 0, DATE]) short(value);
    for (const value of [crc, data.length, data.length]) long(value);
    short(name.length);
    short(0);
  };
  for (const file of files) {
    file.start = at;
    long(LOCAL);
    describe(file);
    put(file.name);
    put(file.data);
  }
  const directory = at;
  for (const file of files) {
    long(CENTRAL);
    short(20);
    describe(file);
    for (const none of [0, 0, 0]) short(none);
    long(0);
    long(file.start);
    put(file.name);
  }
  const directoryBytes = at - directory;
  long(END);
  for (const value of [0, 0, files.length, files.length]) short(value);
  long(directoryBytes);
  long(directory);
  return bytes;
}

/**
 * The entries of a zip archive, copied; `check` sees each one's declaration before memory is taken,
 * and must refuse those that are compressed.
 *
 * @throws RangeError when the archive is cut short or its offsets lead nowhere
 */
export function readZip(bytes: Uint8Array, check: (entry: ZipEntry) => void): Map<string, Uint8Array> {
  const view = viewOf(bytes);
  const found = readDirectory(bytes, view, check);
  return new Map(
    found.map(({ entry, start }) => {
      expectSignature(view, start, LOCAL);
      const data = start + LOCAL_BYTES + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
      return [entry.name, part(bytes, data, entry.size).slice()];
    }),
  );
}

/** The names of the entries of a zip archive; none where there is no sound directory. */
export function zipNames(bytes: Uint8Array): readonly string[] {
  try {
    return readDirectory(bytes, viewOf(bytes), () => {}).map(({ entry }) => entry.name);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** What the directory at the archive's end declares, and where each entry begins. */
function readDirectory(bytes: Uint8Array, view: DataView, check: (entry: ZipEntry) => void): { readonly entry: ZipEntry; readonly start: number }[] {
  const end = endRecord(view);
  const count = view.getUint16(end + 10, true);
  const found: { readonly entry: ZipEntry; readonly start: number }[] = [];
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    expectSignature(view, at, CENTRAL);
    const nameBytes = view.getUint16(at + 28, true);
    const entry = {
      name: new TextDecoder().decode(part(bytes, at + CENTRAL_BYTES, nameBytes)),
      compression: view.getUint16(at + 10, true),
      size: view.getUint32(at + 20, true),
      originalSize: view.getUint32(at + 24, true),
    };
    check(entry);
    found.push({ entry, start: view.getUint32(at + 42, true) });
    at += CENTRAL_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return found;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Where the end record begins, which a comment may follow. */
function endRecord(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT); at--) if (view.getUint32(at, true) === END) return at;
  throw new RangeError("no end record");
}

function expectSignature(view: DataView, at: number, signature: number): void {
  if (view.getUint32(at, true) !== signature) throw new RangeError("an offset that leads nowhere");
}

function part(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.length) throw new RangeError("an entry beyond the end");
  return bytes.subarray(start, start + length);
}
