import { NacreError } from "../error.js";

/** Refuses an option that is not a whole number of at least `least`. */
export function checkCount(where: string, name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where: `${where} ${name}`,
    expected: least === -Infinity ? "a whole number" : `a whole number of at least ${least}`,
    received: String(value),
  });
}
