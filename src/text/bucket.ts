import { badOption } from "../options.js";
import { farmHash64 } from "./farmHash.js";
import { sipHash64 } from "./sipHash.js";

/** What makes the hash another one: a whole number or two of them; null for the plain hash. */
export type Salt = number | readonly [number, number] | null;

/** Where tokens fall among buckets, as in Keras: by FarmHash64, or by SipHash-2-4 where there is a salt. */
export function bucketsOf(where: string, buckets: number, salt: Salt): (token: string | number) => number {
  const key = keyOf(where, salt);
  const encoder = new TextEncoder();
  return (token) => {
    const bytes = encoder.encode(typeof token === "number" ? String(Math.trunc(token) + 0) : token);
    return Number((key === null ? farmHash64(bytes) : sipHash64(bytes, key)) % BigInt(buckets));
  };
}

function keyOf(where: string, salt: Salt): readonly [bigint, bigint] | null {
  if (salt === null) return null;
  const [first, second] = typeof salt === "number" ? [salt, salt] : salt;
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(second)) throw badOption(where, "salt", "a whole number, two of them, or null", salt);
  return [BigInt.asUintN(64, BigInt(first)), BigInt.asUintN(64, BigInt(second))];
}
