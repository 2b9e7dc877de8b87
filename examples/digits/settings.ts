import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Stop } from "./stop.js";

/** What the command line says. */
export interface Settings {
  /** Seeds to run with, one after the other. */
  readonly seeds: readonly number[];
  /** Fewer epochs, for a quick check that all works. */
  readonly fast: boolean;
  /** Where model, report and ONNX file go. */
  readonly out: string;
}

const USAGE = "Options: --seed 1, --seeds 1,2,3, --fast, --out folder";

/** Reads `--seed 1`, `--seeds 1,2,3`, `--fast` and `--out folder`. @throws Stop when they say anything else */
export function readSettings(args: readonly string[]): Settings {
  const { seed = "1", seeds, fast = false, out = "out" } = parse(args);
  if (seeds === undefined) return { seeds: [wholeNumber("--seed", seed)], fast, out };
  return { seeds: seeds.split(",").map((part) => wholeNumber("--seeds", part, seeds)), fast, out };
}

/** Makes the folder for results, before any time is spent on them. @throws Stop when nothing can be written there */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (error) {
    throw new Stop(`--out ${path}: nothing can be written there (${error instanceof Error ? error.message : String(error)}).`);
  }
}

function parse(args: readonly string[]): { seed?: string; seeds?: string; fast?: boolean; out?: string } {
  try {
    const options = { seed: { type: "string" }, seeds: { type: "string" }, fast: { type: "boolean" }, out: { type: "string" } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [line = ""] = error instanceof Error ? error.message.split(/\.(?:\s|$)|\n/) : [];
    throw new Stop(`${line}. ${USAGE}.`);
  }
}

function wholeNumber(option: string, text: string, given = text): number {
  const value = Number(text);
  if (/^\s*-?\d+\s*$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new Stop(`${option} takes whole numbers, not ${JSON.stringify(given)}. ${USAGE}.`);
}
