import { NacreError } from "nacre";

/** What the user can mend, told in one line. */
export class Stop extends Error {}

/** Ends the program with a line and exit code 1 where the message says all; other errors keep their stack. */
export function explain(error: unknown): void {
  if (!(error instanceof Stop || error instanceof NacreError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
