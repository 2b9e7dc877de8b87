import * as ops from "../../../ops/index.js";
import { concreteDim } from "../../../tensor/dim.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";
import { Value } from "../value.js";

/** Longer loops stay loops, without gradients. */
const MAX_STEPS = 1000;

/** What a step counts as, in elements computed on the host. */
const STEP_COST = 32;

/** A branch that is known is taken. */
function branch(call: Call): Outputs {
  const condition = call.value(0).items?.[0];
  if (typeof condition !== "number") return undefined;
  return call.run.inline(call.graph(condition !== 0 ? "then_branch" : "else_branch"), []);
}

/** A loop is unrolled where its number of steps is known, or each step says whether to go on. */
function loop(call: Call): Outputs {
  const count = call.inputs[0] === undefined ? MAX_STEPS + 1 : call.inputs[0].items?.[0];
  const begins = call.inputs[1] === undefined ? 1 : call.inputs[1].items?.[0];
  if (typeof count !== "number" || typeof begins !== "number") return undefined;
  // Without a bound the condition ends it, soon or too late.
  if (call.inputs[0] !== undefined && count > MAX_STEPS) return undefined;
  const body = call.graph("body");
  const carried = call.inputs.slice(2).map((_, i) => call.value(i + 2));
  let [goes, states] = [begins !== 0, carried];
  const rows: Value[][] = [];
  for (let i = 0; i < count && goes; i++) {
    // Loops in loops may do nothing but go round.
    if (i === MAX_STEPS || !call.run.mayFold(STEP_COST)) return undefined;
    const inputs = [Value.items([i], "int64", []), Value.items([1], "bool", []), ...states];
    const [condition, ...results] = call.run.inline(body, inputs);
    const next = condition?.items?.[0];
    if (typeof next !== "number") return undefined;
    goes = next !== 0;
    states = results.slice(0, carried.length);
    rows.push(results.slice(carried.length));
  }
  const scanned = call.node.outputs.length - carried.length;
  if (rows.length === 0 && scanned > 0) return undefined;
  return [...states, ...Array.from({ length: scanned }, (_, s) => ops.stack(rows.map((row) => row[s]!.tensor), 0))];
}

/** A scan over an axis of known size is unrolled. */
function scan(call: Call): Outputs {
  const count = call.int("num_scan_inputs", 0);
  // Version 8 has a batch axis and lengths.
  if (call.version < 9) return undefined;
  const body = call.graph("body");
  const start = call.inputs.length - count;
  const axes = (name: string): readonly number[] => call.ints(name) ?? [];
  const inputs = Array.from({ length: count }, (_, i) => call.tensor(start + i));
  const along = inputs.map((x, i) => (axes("scan_input_axes")[i] ?? 0) + ((axes("scan_input_axes")[i] ?? 0) < 0 ? x.rank : 0));
  const steps = concreteDim(inputs[0]!.shape[along[0]!]!, call.where);
  if (steps > MAX_STEPS || steps < 1) return undefined;
  const rows = inputs.map((x, i) => {
    const parts = ops.unstack(x, along[i]);
    return axes("scan_input_directions")[i] === 1 ? parts.toReversed() : parts;
  });
  let states = Array.from({ length: start }, (_, i) => call.value(i));
  const results: Tensor[][] = [];
  for (let t = 0; t < steps; t++) {
    const outputs = call.run.inline(body, [...states, ...rows.map((row) => Value.of(row[t]!))]);
    states = outputs.slice(0, start);
    results.push(outputs.slice(start).map((value) => value.tensor));
  }
  const scanned = results[0]!.map((first, s) => {
    const list = results.map((row) => row[s]!);
    const axis = axes("scan_output_axes")[s] ?? 0;
    return ops.stack(axes("scan_output_directions")[s] === 1 ? list.toReversed() : list, axis < 0 ? axis + first.rank + 1 : axis);
  });
  return [...states, ...scanned];
}

/** Noise while training; nothing else. */
function dropout(call: Call): Outputs {
  const x = call.tensor(0);
  const mask = (): Value | undefined => (call.node.outputs.length < 2 ? undefined : Value.of(ops.full(x.shape, 1, "bool")));
  const trains = call.inputs[2]?.items?.[0] === 1 && call.run.training;
  const rate = call.has(1) ? call.numbers(1)[0]! : call.float("ratio", 0.5);
  if (!trains || rate === 0) return [ops.identity(x), mask()];
  const kept = ops.randomBernoulli(call.run.key(), 1 - rate, x.shape);
  return [ops.mul(x, ops.mul(ops.cast(kept, x.dtype), 1 / (1 - rate))), Value.of(ops.cast(kept, "bool"))];
}

export const control: Readonly<Record<string, Rule>> = { Dropout: dropout, If: branch, Loop: loop, Scan: scan };
