/** Small whole random numbers under a limit, the same for each seed. */
export type Random = (limit: number) => number;

/** A 32-bit xorshift. */
export function randomSource(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

export function pick<T>(list: readonly T[], random: Random): T {
  return list[random(list.length)]!;
}

/** A damaged copy: one to four bits flipped, the end cut off, four bytes changed to a length, or bytes put in or out. */
export function mutateBytes(original: Uint8Array, random: Random): Uint8Array {
  const bytes = original.slice();
  const at = random(bytes.length);
  switch (random(5)) {
    case 0:
      for (let flips = 1 + random(4); flips > 0; flips--) {
        const i = random(bytes.length);
        bytes[i] = bytes[i]! ^ (1 << random(8));
      }
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2: {
      const lengths = [0, 1, random(bytes.length), 0x7fffffff, 0xfffffffe, 0xffffffff];
      new DataView(bytes.buffer).setUint32(Math.min(at, bytes.length - 4), pick(lengths, random), true);
      return bytes;
    }
    case 3:
      return Uint8Array.from([...bytes.subarray(0, at), random(256), ...bytes.subarray(at)]);
    default:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + random(8))]);
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { inputs: value };
  return value;
}

/** What an attacker puts in the place of a value. */
const HOSTILE: readonly (() => unknown)[] = [
  ...[-1, 0, 0.5, 1, 2, 7, 65_536, 1e6, 1e9, 2 ** 31, 2 ** 32, 2 ** 53, 1e308, -1e9, -0].map((value) => () => value),
  ...["NaN", "Infinity", "1e9", "x"].map((value) => () => ({ $number: value })),
  ...["", "x", "0", "length", "constructor", "__proto__", "../up", "accuracy", "Functional", "Dense", "\0", "ü💥"].map((value) => () => value),
  ...[true, false, null].map((value) => () => value),
  () => [],
  () => ({}),
  () => [1e9, 1e9, 1e9],
  () => [-1, -1],
  () => Array.from({ length: 3000 }, (_, i) => i),
  () => "y".repeat(100_000),
  () => nested(50),
  () => nested(1000),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as unknown,
  () => ({ className: "Dense", config: { units: 1e9 }, name: "huge", trainable: true }),
  () => ({ className: "Functional", config: {}, name: "loop", trainable: true }),
];

/** A place in a JSON value: its holder and key. */
type Place = readonly [holder: Record<string, unknown>, key: string];

function placesIn(value: unknown, into: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return into;
  for (const key of Object.keys(value)) {
    into.push([value as Record<string, unknown>, key]);
    placesIn((value as Record<string, unknown>)[key], into);
  }
  return into;
}

/** A copy of plain data with one to three values replaced, left out, repeated, swapped or renamed. */
export function mutateJson(original: unknown, random: Random): unknown {
  const root = { value: structuredClone(original) } as Record<string, unknown>;
  for (let rounds = 1 + random(3); rounds > 0; rounds--) {
    const places = placesIn(root);
    if (places.length === 0) break;
    const [holder, key] = pick(places, random);
    const [other, otherKey] = pick(places, random);
    switch (random(8)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else Reflect.deleteProperty(holder, key);
        break;
      case 1:
        if (Array.isArray(holder)) for (let n = pick([1, 2, 300], random); n > 0; n--) holder.push(structuredClone(holder[Number(key)]));
        break;
      case 2:
        set(holder, key, structuredClone(other[otherKey]));
        break;
      case 3:
        if (Array.isArray(holder)) break;
        set(holder, pick(["__proto__", "constructor", "toString", "extra", "name", "inputs"], random), structuredClone(holder[key]));
        break;
      default:
        set(holder, key, pick(HOSTILE, random)());
    }
  }
  return root["value"];
}

/** As a parser sets it: `__proto__` becomes a field like others. */
function set(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}
