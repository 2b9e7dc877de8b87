import type { Operand, Tail } from "../lower/tail/tail.js";
import type { PortSpec, Program } from "./engine.js";

/** Where an output of a program with kernels may lie. */
export interface Place {
  /** The array that the model fills, for an output that it gives; undefined for one that a kernel gives. */
  readonly made: number | undefined;
  /** For a kernel's output, an operand that nobody reads after, mostly a gradient. */
  readonly over: Operand | undefined;
  /** For a kernel's output, positions of the inputs that it may be written over once nobody needs them any more. */
  readonly renewable: readonly number[];
}

/**
 * Where outputs may lie. Kernels read all their operands at a place before they write there, so that an output may
 * take the place of an operand that only its own kernel reads.
 */
export function placesOf({ inputs, outputs, spent = [], tail }: Program): readonly Place[] {
  const taken = new Set<Operand>();
  return outputs.map(({ shape }, i) => {
    const made = tail?.arrays.findIndex(({ output }) => output === i) ?? -1;
    const call = tail?.calls.find((each) => each.outputs.includes(i));
    const own = (call?.arrays ?? []).filter((operand) => operand.from !== "scattered" && usesOf(operand, tail!) === 1 && shapeOf(operand, tail!, inputs).join() === shape.join());
    const over = own.find((operand) => !taken.has(operand) && isSpare(operand, tail!, spent));
    if (over !== undefined) taken.add(over);
    return { made: made < 0 ? undefined : made, over, renewable: own.flatMap(({ from, at }) => (from === "input" && !spent.includes(at) ? [at] : [])) };
  });
}

function usesOf({ from, at }: Operand, { calls }: Tail): number {
  return calls.flatMap((call) => [...call.arrays, ...call.scalars]).filter((other) => other.from === from && other.at === at).length;
}

function isSpare({ from, at }: Operand, { arrays }: Tail, spent: readonly number[]): boolean {
  return from === "input" ? spent.includes(at) : arrays[at]!.output === null;
}

function shapeOf({ from, at }: Operand, { arrays }: Tail, inputs: readonly PortSpec[]): readonly number[] {
  return (from === "input" ? inputs : arrays)[at]!.shape;
}
