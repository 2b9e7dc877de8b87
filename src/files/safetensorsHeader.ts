import { NacreError } from "../error.js";
import { brainToFloat, halfToFloat } from "./half.js";
import { type DType, type TypedArray, bytesPerElement, viewBytes } from "../tensor/dtype.js";

/** The format's name of each dtype. */
export const STORED: Readonly<Record<DType, string>> = {
  float32: "F32",
  int32: "I32",
  uint32: "U32",
  bool: "BOOL",
  int64: "I64",
  float64: "F64",
  uint8: "U8",
  int8: "I8",
};

/** How one element type of the format becomes a host array. */
export interface StoredType {
  readonly dtype: DType;
  readonly bytes: number;
  /** Turns bytes at the start of their own buffer into the host array. */
  readonly read: (raw: Uint8Array) => TypedArray;
}

/** One checked header line: `begin` and `end` are byte offsets into the data. */
export interface HeaderEntry {
  readonly name: string;
  readonly stored: StoredType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Record<string, string>;
  /** Where the data begins in the file. */
  readonly dataStart: number;
}

const TYPES = new Map<unknown, StoredType>([
  ...(Object.keys(STORED) as DType[]).map((dtype): [string, StoredType] => {
    const bytes = bytesPerElement(dtype);
    return [STORED[dtype], { dtype, bytes, read: (raw) => viewBytes(dtype, raw.buffer, 0, raw.length / bytes) }];
  }),
  ["F16", { dtype: "float32", bytes: 2, read: (raw) => widen(raw, halfToFloat) }],
  ["BF16", { dtype: "float32", bytes: 2, read: (raw) => widen(raw, brainToFloat) }],
]);

/** Element types that the format has and Nacre does not compute with. */
const FOREIGN: readonly unknown[] = ["U16", "I16", "U64", "C64", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F6_E2M3", "F6_E3M2", "F4"];

/** The format's own bound on the header. */
const MAX_HEADER_BYTES = 100_000_000;

/** Reads and checks everything that comes before the data. */
export function parseHeader(bytes: Uint8Array): Header {
  if (bytes.length < 8) throw bad("at least 8 bytes", `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  const limit = Math.min(bytes.length - 8, MAX_HEADER_BYTES);
  if (declared > BigInt(limit)) throw bad(`a header of at most ${limit} bytes`, `a declared length of ${declared}`);
  const dataStart = 8 + Number(declared);

  const json = parseJson(bytes.subarray(8, dataStart));
  const metadata: [string, string][] = [];
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name === "__metadata__") metadata.push(...parseMetadata(value));
    else entries.push(parseEntry(name, value));
  }
  checkLayout(entries, bytes.length - dataStart);
  return { entries, metadata: Object.fromEntries(metadata), dataStart };
}

function parseJson(bytes: Uint8Array): object {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw bad("a JSON header", "something that does not parse", cause);
  }
  if (!isRecord(json)) throw bad("a JSON object as header", JSON.stringify(json).slice(0, 40));
  return json;
}

function parseMetadata(value: unknown): [string, string][] {
  if (!isRecord(value)) throw bad("an object of strings as __metadata__", typeof value);
  return Object.entries(value).map(([key, text]) => {
    if (typeof text !== "string") throw bad(`a string as metadata "${key}"`, typeof text);
    return [key, text];
  });
}

function parseEntry(name: string, value: unknown): HeaderEntry {
  if (!isRecord(value)) throw bad(`an object for tensor "${name}"`, typeof value);
  const stored = TYPES.get(value["dtype"]);
  if (stored === undefined) {
    throw new NacreError({
      code: FOREIGN.includes(value["dtype"]) ? "UNSUPPORTED" : "BAD_FILE",
      where: `safetensors: tensor "${name}"`,
      expected: `a dtype of ${[...TYPES.keys()].join(", ")}`,
      received: String(JSON.stringify(value["dtype"])).slice(0, 40),
      fix: "convert the tensor before saving it",
    });
  }
  const { shape, data_offsets: offsets } = value;
  if (!isCounts(shape)) throw bad(`a shape of counts for tensor "${name}"`, preview(shape));
  if (!isCounts(offsets) || offsets.length !== 2) throw bad(`two data_offsets for tensor "${name}"`, preview(offsets));
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, dim) => product * dim, stored.bytes);
  if (end - begin !== bytes) {
    throw bad(`${bytes} bytes for tensor "${name}" ${preview(shape)}`, `data_offsets ${preview(offsets)}`);
  }
  return { name, stored, shape, begin, end };
}

/** The tensors must fill the data exactly: no overlap, no hole, nothing past the end. */
function checkLayout(entries: readonly HeaderEntry[], dataBytes: number): void {
  let position = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) throw bad(`tensor "${name}" to begin at byte ${position} of the data`, `${begin}`);
    position = end;
  }
  if (position !== dataBytes) throw bad(`${position} bytes of data`, `${dataBytes}`);
}

function widen(raw: Uint8Array, toFloat: (bits: number) => number): Float32Array {
  return Float32Array.from(new Uint16Array(raw.buffer, 0, raw.length / 2), toFloat);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function preview(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 60);
}

function bad(expected: string, received: string, cause?: unknown): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: "safetensors",
    expected,
    received,
    fix: "the file is damaged or not a safetensors file; fetch or write it again",
    cause,
  });
}
