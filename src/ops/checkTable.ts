import { NacreError } from "../error.js";

/** 16 MiB as float32. */
const MAX_TABLE = 2 ** 22;

/**
 * To be asked before an op computes a table on the host, which then is a constant of the program.
 *
 * @throws UNSUPPORTED when it would have too many elements
 */
export function checkTable(op: string, elements: number): void {
  if (elements <= MAX_TABLE) return;
  throw new NacreError({
    code: "UNSUPPORTED",
    where: op,
    expected: `sizes for which a table of at most ${MAX_TABLE} elements will do`,
    received: `sizes that need ${elements}`,
    fix: "choose smaller sizes, or go there in several steps",
  });
}
