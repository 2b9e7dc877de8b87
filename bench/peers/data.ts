import type { ColumnSpec, Job, Values } from "../workload.js";

/** A column of all batches, row after row. */
export interface Filled {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** The data of a job: a column for each input, and the labels. */
export function makeData({ workload, batches }: Job): { inputs: Filled[]; labels: Filled } {
  const rows = workload.batch * batches;
  const inputs = workload.inputs.map((column) => fill(column, rows));
  const labels = workload.label === "input" ? inputs[0]! : fill(workload.label, rows);
  return { inputs, labels };
}

function fill({ shape, values }: Omit<ColumnSpec, "name">, rows: number): Filled {
  const size = shape.reduce((a, b) => a * b, rows);
  const data = typeof values === "object" ? new Int32Array(size) : new Float32Array(size);
  for (let i = 0; i < size; i++) data[i] = draw(values);
  return { data, shape: [rows, ...shape] };
}

function draw(values: Values): number {
  if (typeof values === "object") return Math.floor(Math.random() * values.below);
  if (values === "uniform") return Math.random();
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
