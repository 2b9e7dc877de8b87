import * as ops from "../../../ops/index.js";
import { concreteDim } from "../../../tensor/dim.js";
import { normalizeAxis } from "../../../tensor/shape.js";
import type { Call, Outputs, Rule } from "../call.js";
import { Value } from "../value.js";

/** More than exporters write; an end for files that nobody vouches for. */
const MAX_PARTS = 10_000;

function listOf(call: Call, i: number): readonly Value[] {
  const { list } = call.value(i);
  if (list === undefined) throw call.broken("a sequence", "a tensor");
  return list;
}

/** A sequence that is short enough, as are all together: each stays until the end. */
function listed(call: Call, values: readonly Value[]): Value {
  if (values.length > MAX_PARTS || !call.run.mayFold(values.length)) throw call.broken(`at most ${MAX_PARTS} parts`, String(values.length));
  return Value.list(values);
}

/** Where in a sequence a place lies, which may count from the back. */
function placeOf(call: Call, i: number, count: number, last: number): number {
  const given = call.has(i) ? call.numbers(i)[0]! : last;
  const place = given < 0 ? given + count : given;
  if (place < 0 || place > last) throw call.broken(`a place from ${-count} to ${last}`, String(given));
  return place;
}

/** Parts of one size, of given sizes, or single rows. */
function splitToSequence(call: Call): Outputs {
  const x = call.tensor(0);
  const axis = normalizeAxis(call.int("axis", 0), x.rank, call.where);
  const size = concreteDim(x.shape[axis]!, call.where);
  const given = call.has(1) ? call.numbers(1) : [1];
  const step = given[0] ?? 0;
  const equal = !call.has(1) || call.value(1).rank === 0;
  if (equal && (step < 1 || size / step > MAX_PARTS)) throw call.broken(`at most ${MAX_PARTS} parts`, `${size} elements in parts of ${step}`);
  const sizes = equal ? Array.from({ length: Math.ceil(size / step) }, (_, i) => Math.min(step, size - i * step)) : given;
  const parts = ops.split(x, sizes, axis);
  const drops = !call.has(1) && call.int("keepdims", 1) === 0;
  return listed(call, parts.map((part) => Value.of(drops ? ops.squeeze(part, axis) : part)));
}

function concatFromSequence(call: Call): Outputs {
  const parts = listOf(call, 0).map((part) => part.tensor);
  if (parts.length === 0) throw call.broken("a sequence with elements", "an empty one");
  const axis = call.int("axis", 0);
  return call.flag("new_axis") ? ops.stack(parts, axis) : ops.concat(parts, axis);
}

function sequenceInsert(call: Call): Outputs {
  const list = listOf(call, 0);
  return listed(call, list.toSpliced(placeOf(call, 2, list.length, list.length), 0, call.value(1)));
}

function sequenceErase(call: Call): Outputs {
  const list = listOf(call, 0);
  return listed(call, list.toSpliced(placeOf(call, 1, list.length, list.length - 1), 1));
}

function sequenceAt(call: Call): Outputs {
  const list = listOf(call, 0);
  return list[placeOf(call, 1, list.length, list.length - 1)];
}

function sequenceConstruct(call: Call): Outputs {
  return listed(call, call.inputs.map((_, i) => call.value(i)));
}

/** Sequences are taken apart while tracing: none is left in a program. */
export const sequences: Readonly<Record<string, Rule>> = {
  ConcatFromSequence: concatFromSequence,
  SequenceAt: sequenceAt,
  SequenceConstruct: sequenceConstruct,
  SequenceEmpty: () => Value.list([]),
  SequenceErase: sequenceErase,
  SequenceInsert: sequenceInsert,
  SequenceLength: (call) => Value.items([listOf(call, 0).length], "int64", []),
  SplitToSequence: splitToSequence,
};
