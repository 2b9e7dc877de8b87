import * as activations from "../../activations/index.js";
import type { ActivationLike } from "../../activations/index.js";
import { mul } from "../../ops/elementwise/binary.js";
import { concat, split } from "../../ops/shape/concat.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { BuildContext, CallContext } from "../definition.js";
import { dropMask } from "../dropMask.js";
import { knownDim, needAxis } from "../options.js";
import { addParameter } from "../parameters.js";
import type { Shape } from "../../tensor/shape.js";
import type { Variable } from "../variable.js";
import type { CellWeightOptions, UnitOptions } from "./options.js";

/** Activations of each element by itself, which may be taken of several gates at once. */
const ELEMENTWISE = new Set(["hardSigmoid", "linear", "relu", "sigmoid", "softsign", "tanh"]);

/** The activation of `count` gates that lie side by side along an axis. [B,count·U] → count times [B,U] */
export function applyGates(activation: ActivationLike, x: Tensor, count: number, axis = -1): readonly Tensor[] {
  const gate = activations.get(activation);
  if (ELEMENTWISE.has(gate.name)) return split(gate.call(x), count, axis);
  return split(x, count, axis).map((part) => gate.call(part));
}

/** The gates of a weight's last axis in another order. [...,4·U] → [...,4·U] */
export function reorderGates(weight: Tensor, order: readonly number[]): Tensor {
  const gates = split(weight, order.length, -1);
  return concat(order.map((gate) => gates[gate]!), -1);
}

/** Declares the weights of a cell with `gates` gates. */
export function addCellWeights(
  context: BuildContext<Required<UnitOptions>>,
  step: Shape,
  gates: number,
): { kernel: Variable; recurrentKernel: Variable } {
  const { units } = context.config;
  return {
    kernel: addParameter(context, "kernel", [knownDim(context.where, step, -1), gates * units]),
    recurrentKernel: addParameter(context, "recurrent", [units, gates * units], "recurrent_kernel"),
  };
}

/** What x, [T,B,...], is after dropout that is the same in all steps. */
export function dropInputs(context: CallContext<Required<CellWeightOptions>>, x: Tensor): Tensor {
  const mask = dropMask(context, context.config.dropout, x.shape.slice(1), x.dtype);
  return mask === undefined ? x : mul(x, mask);
}

/** Dropout of states like x's batch, the same in all steps. */
export function stateDrop(context: CallContext<Required<UnitOptions>>, x: Tensor): (state: Tensor) => Tensor {
  const { recurrentDropout, units } = context.config;
  const mask = dropMask(context, recurrentDropout, [x.shape[1]!, units], x.dtype);
  return (state) => (mask === undefined ? state : mul(state, mask));
}

/** Refuses steps, [T,B,C], of other features than the cell was built for. */
export function needFeatures(where: string, x: Tensor, kernel: Tensor): void {
  needAxis(where, x.shape, -1, kernel.shape[0]!, "features of a step");
}
