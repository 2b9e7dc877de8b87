import { parseArgs } from "node:util";
import { PEERS, type PeerName } from "./peers.js";
import type { Measuring, RuleName } from "./workload.js";
import { workloads } from "./workloads/index.js";

/** The command's options, complete. */
export interface Options {
  readonly workloads: readonly string[];
  readonly peers: readonly PeerName[];
  readonly measuring: Measuring;
  readonly rounds: number;
  readonly json: string | undefined;
  readonly python: string;
  /** Rewrite rules that Nacre leaves out. */
  readonly without: readonly RuleName[];
  /** Whether a step is only compared with a forward pass, and how it was before. */
  readonly quick: boolean;
  /** Whether the quick comparison becomes the one to compare with. */
  readonly store: boolean;
}

export const USAGE = `npm run bench -- [options]
  --workloads a,b  default: all of ${workloads.map(({ name }) => name).join(", ")}
  --peers a,b      default: all of ${PEERS.join(", ")}
  --steps N        measured steps in a process; default: at least 20, for at least 2 seconds
  --rounds N       how often each peer's turn comes; default 2
  --json FILE      writes one JSON object a line
  --without a,b    rewrite rules that Nacre leaves out, to see what they are worth; default: none
  --quick          compares steps with forward passes, and with how that was before; --store notes how it is
  --python PATH    the Python that has the Python peers; default: NACRE_BENCH_PYTHON, else python3`;

/** Reads the command line. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workloads: { type: "string" },
      peers: { type: "string" },
      steps: { type: "string" },
      rounds: { type: "string", default: "2" },
      json: { type: "string" },
      quick: { type: "boolean", default: false },
      store: { type: "boolean", default: false },
      without: { type: "string", default: "" },
      python: { type: "string", default: process.env["NACRE_BENCH_PYTHON"] ?? "python3" },
    },
  });
  const { steps } = values;
  return {
    workloads: pick("workloads", values.workloads, workloads.map(({ name }) => name)),
    peers: pick("peers", values.peers, PEERS),
    measuring:
      steps === undefined ? { steps: 20, seconds: 2, limit: 60 } : { steps: count("steps", steps), seconds: 0, limit: 60 },
    rounds: count("rounds", values.rounds),
    json: values.json,
    python: values.python,
    quick: values.quick,
    store: values.store,
    // Unknown names are refused by setEngine.
    without: values.without.split(",").filter((name) => name !== "") as RuleName[],
  };
}

function pick<T extends string>(option: string, given: string | undefined, all: readonly T[]): readonly T[] {
  if (given === undefined) return all;
  const names = given.split(",");
  const unknown = names.find((name) => !all.includes(name as T));
  if (unknown !== undefined) throw new Error(`--${option}: "${unknown}" is none of ${all.join(", ")}`);
  return all.filter((name) => names.includes(name));
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option}: "${text}" is no whole number of at least 1`);
  return value;
}
