import { withBackward } from "../../autodiff/customGradient.js";
import { add, mul, sub } from "../../ops/elementwise/binary.js";
import { sigmoid, tanh } from "../../ops/elementwise/unary.js";
import { broadcastTo } from "../../ops/shape/broadcastTo.js";
import { concat, split } from "../../ops/shape/concat.js";
import { zerosLike } from "../../ops/shape/fill.js";
import { broadcastShapes } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * Output and memory of a long short-term memory with the usual activations, from what its gates i, f, o and its
 * candidate g are before them. The gradient is written out: with products that the step has made anyway, such as
 * (i · g) · (1 − i) for the input gate, it takes a quarter fewer operations than one that is put together by rules, and
 * each costs more to start than to do.
 *
 * @shape [B,4·U], [B,U] → [B,U], [B,U]
 */
export function lstmStep(gatesAndCandidate: Tensor, memoryBefore: Tensor): readonly [output: Tensor, memory: Tensor] {
  const units = memoryBefore.shape.at(-1) as number;
  // One row may stand for all: its gradient is a sum.
  const rows = broadcastShapes(gatesAndCandidate.shape.slice(0, -1), memoryBefore.shape.slice(0, -1), "lstm");
  const all = broadcastTo(gatesAndCandidate, [...rows, 4 * units]);
  const before = broadcastTo(memoryBefore, [...rows, units]);
  const [gates, candidate] = split(all, [3 * units, units], -1) as [Tensor, Tensor];
  const open = sigmoid(gates); // [B,3·U]
  const [i, f, o] = split(open, 3, -1) as [Tensor, Tensor, Tensor];
  const g = tanh(candidate);
  const added = mul(i, g);
  const kept = mul(f, before);
  const memory = add(kept, added);
  const shown = tanh(memory);
  const output = mul(o, shown);
  return withBackward([output, memory], [all, before], ([dOutput, dMemory]) => {
    const dh = dOutput ?? zerosLike(output);
    const ofOutput = mul(dh, output);
    // o · (1 − tanh²) = o − output · tanh
    const fromOutput = sub(mul(dh, o), mul(ofOutput, shown));
    const dc = dMemory === null || dMemory === undefined ? fromOutput : add(fromOutput, dMemory);
    const ofAdded = mul(dc, added);
    const dGates = mul(concat([ofAdded, mul(dc, kept), ofOutput], -1), sub(1, open));
    const dCandidate = sub(mul(dc, i), mul(ofAdded, g));
    return [concat([dGates, dCandidate], -1), mul(dc, f)];
  }) as readonly [Tensor, Tensor];
}
