/** Constants of FarmHash, primes between 2⁶³ and 2⁶⁴. */
const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => u64((value >> by) | (value << (64n - by)));
const shiftMix = (value: bigint): bigint => value ^ (value >> 47n);

/** FarmHash's 64-bit fingerprint of bytes, which is the same on all machines and in all versions; TensorFlow's fast hash. */
export function farmHash64(bytes: Uint8Array): bigint {
  const reader = new Reader(bytes);
  const { length } = bytes;
  if (length <= 16) return upTo16(reader, length);
  if (length <= 32) return upTo32(reader, length);
  return length <= 64 ? upTo64(reader, length) : longer(reader, length);
}

/** Little-endian words of bytes. */
class Reader {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(at: number): bigint {
    return BigInt(this.#view.getUint8(at));
  }

  half(at: number): bigint {
    return BigInt(this.#view.getUint32(at, true));
  }

  word(at: number): bigint {
    return this.#view.getBigUint64(at, true);
  }
}

function mixed(u: bigint, v: bigint, factor: bigint): bigint {
  const a = shiftMix(u64((u ^ v) * factor));
  return u64(shiftMix(u64((v ^ a) * factor)) * factor);
}

function upTo16(s: Reader, length: number): bigint {
  const size = BigInt(length);
  const factor = K2 + size * 2n;
  if (length >= 8) {
    const a = u64(s.word(0) + K2);
    const b = s.word(length - 8);
    return mixed(u64(rotate(b, 37n) * factor + a), u64((rotate(a, 25n) + b) * factor), u64(factor));
  }
  if (length >= 4) return mixed(size + (s.half(0) << 3n), s.half(length - 4), u64(factor));
  if (length === 0) return K2;
  const y = s.byte(0) + (s.byte(length >> 1) << 8n);
  const z = size + (s.byte(length - 1) << 2n);
  return u64(shiftMix(u64(y * K2) ^ u64(z * K0)) * K2);
}

function upTo32(s: Reader, length: number): bigint {
  const factor = u64(K2 + BigInt(length) * 2n);
  const a = u64(s.word(0) * K1);
  const b = s.word(8);
  const c = u64(s.word(length - 8) * factor);
  const d = u64(s.word(length - 16) * K2);
  return mixed(u64(rotate(u64(a + b), 43n) + rotate(c, 30n) + d), u64(a + rotate(u64(b + K2), 18n) + c), factor);
}

function upTo64(s: Reader, length: number): bigint {
  const factor = u64(K2 + BigInt(length) * 2n);
  const a = u64(s.word(0) * K2);
  const b = s.word(8);
  const c = u64(s.word(length - 8) * factor);
  const d = u64(s.word(length - 16) * K2);
  const y = u64(rotate(u64(a + b), 43n) + rotate(c, 30n) + d);
  const z = mixed(y, u64(a + rotate(u64(b + K2), 18n) + c), factor);
  const e = u64(s.word(16) * factor);
  const f = s.word(24);
  const g = u64((y + s.word(length - 32)) * factor);
  const h = u64((z + s.word(length - 24)) * factor);
  return mixed(u64(rotate(u64(e + f), 43n) + rotate(g, 30n) + h), u64(e + rotate(u64(f + a), 18n) + g), factor);
}

type Pair = readonly [bigint, bigint];

/** Four words from a place on, with two seeds. */
function weak(s: Reader, at: number, first: bigint, second: bigint): Pair {
  const [w, x, y, z] = [s.word(at), s.word(at + 8), s.word(at + 16), s.word(at + 24)];
  const a = first + w;
  const b = rotate(u64(second + a + z), 21n);
  const sum = u64(a + x + y);
  return [u64(sum + z), u64(b + rotate(sum, 44n) + a)];
}

interface State {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly v: Pair;
  readonly w: Pair;
}

/** One round over 64 bytes; the last one weighs two sums nine times. */
function round(s: Reader, at: number, { x, y, z, v, w }: State, factor: bigint, weight: bigint): State {
  const nextX = u64(rotate(u64(x + y + v[0] + s.word(at + 8)), 37n) * factor) ^ u64(w[1] * weight);
  const nextY = u64(rotate(u64(y + v[1] + s.word(at + 48)), 42n) * factor + v[0] * weight + s.word(at + 40));
  const nextZ = u64(rotate(u64(z + w[0]), 33n) * factor);
  return {
    x: nextZ,
    y: nextY,
    z: nextX,
    v: weak(s, at, u64(v[1] * factor), u64(nextX + w[0])),
    w: weak(s, at + 32, u64(nextZ + w[1]), u64(nextY + s.word(at + 16))),
  };
}

function longer(s: Reader, length: number): bigint {
  const seed = 81n;
  const y = u64(seed * K1 + 113n);
  let state: State = { x: u64(seed * K2 + s.word(0)), y, z: u64(shiftMix(u64(y * K2 + 113n)) * K2), v: [0n, 0n], w: [0n, 0n] };
  const end = Math.floor((length - 1) / 64) * 64;
  for (let at = 0; at < end; at += 64) state = round(s, at, state, K1, 1n);
  const factor = u64(K1 + ((state.z & 0xffn) << 1n));
  const first = u64(state.w[0] + BigInt((length - 1) & 63));
  const v0 = u64(state.v[0] + first);
  const last = round(s, length - 64, { ...state, v: [v0, state.v[1]], w: [u64(first + v0), state.w[1]] }, factor, 9n);
  return mixed(
    u64(mixed(last.v[0], last.w[0], factor) + shiftMix(last.y) * K0 + last.z),
    u64(mixed(last.v[1], last.w[1], factor) + last.x),
    factor,
  );
}
