import { type Column, gatherRows } from "../../data/column.js";
import type { OnnxProgram } from "./program.js";
import type { Speed } from "./report.js";

const ROWS = [1, 32];

/** Each pair of programs runs so often, or until the time is over. */
const RUNS = 60;
const MOST_MS = 2000;
const WARM_UP_RUNS = 5;

/** How long both programs take for one row and for 32, run in turns so that both see the same machine. */
export async function measureSpeed(before: OnnxProgram, after: OnnxProgram, inputs: readonly Column[], fixedRows: number | undefined): Promise<Speed[]> {
  const speeds: Speed[] = [];
  for (const rows of fixedRows === undefined ? ROWS : [fixedRows]) {
    const batch = repeated(inputs, rows);
    const times: [number[], number[]] = [[], []];
    const begin = performance.now();
    for (let run = 0; run < WARM_UP_RUNS + RUNS && (run <= WARM_UP_RUNS || performance.now() - begin < MOST_MS); run++) {
      for (const [i, program] of [before, after].entries()) {
        const start = performance.now();
        await program.run(batch);
        if (run >= WARM_UP_RUNS) times[i]!.push(performance.now() - start);
      }
    }
    speeds.push({ rows, before: median(times[0]), after: median(times[1]) });
  }
  return speeds;
}

/** The first rows, over again where there are not enough. */
function repeated(inputs: readonly Column[], rows: number): Column[] {
  return inputs.map((column) => gatherRows({ column }, Uint32Array.from({ length: rows }, (_, i) => i % column.shape[0]!))["column"]!);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
