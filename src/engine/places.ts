import type { Operand, Tail } from "../lower/tail/tail.js";
import type { PortSpec, Program } from "./engine.js";

/**
 * Where the outputs that kernels fill may lie: in the place of an operand of the same kernel that nobody reads after,
 * mostly a gradient. Kernels read all their operands at a place before they write there.
 */
export function placesOf({ inputs, outputs, spent = [], tail }: Program): readonly (Operand | undefined)[] {
  const taken = new Set<Operand>();
  return outputs.map(({ shape }, i) => {
    const call = tail?.calls.find((each) => each.outputs.includes(i));
    const place = call?.arrays.find((operand) => !taken.has(operand) && isSpare(operand, tail!, spent) && shapeOf(operand, tail!, inputs).join() === shape.join());
    if (place !== undefined) taken.add(place);
    return place;
  });
}

/** Whether an operand serves one kernel and nothing else. */
function isSpare({ from, at }: Operand, { arrays, calls }: Tail, spent: readonly number[]): boolean {
  const uses = calls.flatMap((call) => [...call.arrays, ...call.scalars]).filter((other) => other.from === from && other.at === at);
  return uses.length === 1 && (from === "input" ? spent.includes(at) : arrays[at]!.output === null);
}

function shapeOf({ from, at }: Operand, { arrays }: Tail, inputs: readonly PortSpec[]): readonly number[] {
  return (from === "input" ? inputs : arrays)[at]!.shape;
}
