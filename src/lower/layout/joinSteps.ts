import { Node, nodeOf } from "../../graph/node.js";
import { concat, split } from "../../ops/shape/concat.js";
import { reshape } from "../../ops/shape/reshape.js";
import { sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { storageOf } from "../cpu/liveness.js";
import type { Rule } from "../rule.js";

/**
 * Steps of a sequence lie one after the other as rows do: [T,B,C] is taken apart and put together as [T·B,C], without
 * a reshape for each step. Joined so, the steps of a gradient are often there already.
 */
export const joinSteps: Rule = {
  name: "joinSteps",
  rewrite: (node) => {
    if (node.op === reshape) return stepOf(node);
    if (node.op === concat && node.attrs["axis"] === 0) return joined(node);
    return undefined;
  },
};

/** Parts of sequences by the node that cuts steps of size 1 from them: cut from rows, the steps have no axis of their own. */
const known = new WeakMap<Node, readonly Tensor[]>();

/** A step without its axis. [1,B,C] of [T,B,C] → [B,C] of [T·B,C] */
function stepOf({ inputs: [step], outputs: [output] }: Node): readonly Tensor[] | undefined {
  const cut = nodeOf(step!);
  if (cut?.op !== split || cut.attrs["axis"] !== 0 || step!.rank < 2 || cut.outputs.some(({ shape }) => shape[0] !== 1)) return undefined;
  const [rows, ...rest] = step!.shape.slice(1);
  if (typeof rows !== "number" || !sameShape(output!.shape, [rows, ...rest])) return undefined;
  let steps = known.get(cut);
  if (steps === undefined) {
    const all = storageOf(cut.inputs[0]!);
    steps = split(reshape(all, [cut.outputs.length * rows, ...rest]), cut.outputs.map(() => rows), 0);
    known.set(cut, steps);
  }
  return [steps[cut.outputs.indexOf(step!)]!];
}

/** Steps that each get an axis before they are joined. T times [B,C] → [T,B,C] */
function joined({ inputs, outputs: [output] }: Node): readonly Tensor[] | undefined {
  const steps: Tensor[] = [];
  for (const input of inputs) {
    const step = nodeOf(input)?.op === reshape ? nodeOf(input)!.inputs[0]! : undefined;
    if (step === undefined || step.rank === 0 || !sameShape(input.shape, [1, ...step.shape])) return undefined;
    steps.push(step);
  }
  return inputs.length > 1 ? [reshape(concat(steps, 0), output!.shape)] : undefined;
}
