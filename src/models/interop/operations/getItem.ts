import { slice } from "../../../ops/shape/slice.js";
import { reshape } from "../../../ops/shape/reshape.js";
import type { Dim } from "../../../tensor/dim.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { NacreError } from "../../../error.js";

/** A part of an axis as files hold it: start, stop and step, null where they are left off. */
export interface SliceItem {
  readonly slice: readonly [start: number | null, stop: number | null, step: number | null];
}

/** `x[key]` of Python: numbers, slices, `None` for a new axis, and `...`. @throws UNSUPPORTED for other keys */
export function getItem(x: Tensor, key: unknown): Tensor {
  const items = expanded(Array.isArray(key) ? key : [key], x.rank);
  const starts: number[] = [];
  const ends: Dim[] = [];
  const steps: number[] = [];
  // Undefined for an axis that is sliced.
  const shape: (Dim | undefined)[] = [];
  for (const item of items) {
    if (item === null) {
      shape.push(1);
      continue;
    }
    const dim = x.shape[starts.length]!;
    if (typeof item === "number") {
      const begin = item < 0 ? fromEnd(item, dim) : item;
      if (typeof dim === "number" && (begin < 0 || begin >= dim)) throw notThere(item, dim);
      starts.push(begin);
      ends.push(begin + 1);
      steps.push(1);
    } else {
      const [start, stop, step] = (item as SliceItem).slice;
      const by = step ?? 1;
      starts.push(start ?? (by < 0 ? -1 : 0));
      // Walking backwards, everything down to the first element.
      ends.push(stop ?? (by < 0 ? -(2 ** 30) : dim));
      steps.push(by);
      shape.push(undefined);
    }
  }
  const part = slice(x, starts, ends, steps);
  const kept = part.shape.filter((_, axis) => typeof items.filter((item) => item !== null)[axis] !== "number");
  let next = 0;
  return reshape(part, shape.map((dim) => dim ?? kept[next++]!));
}

/** One item for each axis, and null for new ones. */
function expanded(key: readonly unknown[], rank: number): unknown[] {
  const whole: SliceItem = { slice: [null, null, null] };
  const taken = key.filter((item) => item !== null && !isEllipsis(item)).length;
  if (taken > rank || !key.every((item) => item === null || Number.isInteger(item) || isEllipsis(item) || isSlice(item))) throw notAKey(key);
  const rest = Array.from({ length: rank - taken }, () => whole);
  const at = key.findIndex(isEllipsis);
  return at === -1 ? [...key, ...rest] : [...key.slice(0, at), ...rest, ...key.slice(at + 1)];
}

function fromEnd(item: number, dim: Dim): number {
  if (typeof dim === "number") return dim + item;
  throw notAKey([item]);
}

function isEllipsis(item: unknown): boolean {
  return typeof item === "object" && item !== null && "ellipsis" in item;
}

function isSlice(item: unknown): boolean {
  return typeof item === "object" && item !== null && "slice" in item && Array.isArray(item.slice);
}

function notAKey(key: unknown): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: "Keras operation GetItem",
    expected: "whole numbers, slices, None and ... as key, one an axis, of axes whose size is known",
    received: JSON.stringify(key).slice(0, 80),
    fix: "use keras.ops.take for other keys, and save the model again",
  });
}

function notThere(item: number, dim: number): NacreError {
  return new NacreError({ code: "BAD_FILE", where: "Keras operation GetItem", expected: `an index within ${dim}`, received: `${item}` });
}
