import { parseArgs } from "node:util";

/** What the command line says. */
export interface Settings {
  /** Seeds to run with, one after the other. */
  readonly seeds: readonly number[];
  /** Fewer epochs, for a quick check that all works. */
  readonly fast: boolean;
  /** Where model, report and ONNX file go. */
  readonly out: string;
}

/** Reads `--seed 1`, `--seeds 1,2,3`, `--fast` and `--out folder`. */
export function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      seeds: { type: "string" },
      fast: { type: "boolean", default: false },
      out: { type: "string", default: "out" },
    },
  });
  const seeds = (values.seeds ?? values.seed).split(",").map(Number);
  if (seeds.some((seed) => !Number.isInteger(seed))) throw new Error(`--seed must be a whole number, not ${values.seed}`);
  return { seeds, fast: values.fast, out: values.out };
}
