import type { Constraint } from "../constraints/constraint.js";
import { div, maximum, minimum, mul } from "../ops/elementwise/binary.js";
import { greater } from "../ops/elementwise/compare.js";
import { reciprocal, sqrt, square } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import { sum } from "../ops/reduce/reduce.js";
import { zerosLike } from "../ops/shape/fill.js";
import type { Tensor } from "../tensor/tensor.js";
import type { CommonOptions, Optimizer, Updated } from "./optimizer.js";

/** A weight with its gradient and the slots that `Optimizer.slots` asked for. */
export interface TrainedVariable {
  /** Its path in the model, such as `dense/kernel`. */
  readonly path: string;
  readonly weight: Tensor;
  readonly grad: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
  /** What the weight is brought back to after each step. */
  readonly constraint?: Constraint | undefined;
  /** Its own numbers of this step, where they are not those of all. */
  readonly scalars?: Readonly<Record<string, Tensor>>;
  /** Its own weight decay, null for none; undefined for what the optimizer's options say. */
  readonly weightDecay?: number | null | undefined;
}

/**
 * One step of an optimizer over all weights, in this order: loss scale, accumulation, clipping, weight decay,
 * the update rule, averaging, constraints. `scalars` are the numbers of `Optimizer.scalars` as
 * tensors of rank 0.
 *
 * @example
 * const weight = { path: "w", weight: tensor([1, 2]), grad: tensor([2, 2]), slots: {} };
 * const scalars = { learningRate: tensor(0.5) };
 * const [updated] = optimizers.applyOptimizer(optimizers.sgd(), [weight], scalars);
 * console.log(await updated.weight.toArray()); // [0, 1]
 */
export function applyOptimizer(
  optimizer: Optimizer,
  variables: readonly TrainedVariable[],
  scalars: Readonly<Record<string, Tensor>>,
): Updated[] {
  const { options } = optimizer;
  const steps = options.gradientAccumulationSteps;
  const { lossScaleFactor: factor } = options;
  const plain = variables.map(({ grad }) => (factor === null ? grad : grad.div(factor)));
  const sums = variables.map(({ slots }, i) => (steps === null ? plain[i]! : plain[i]!.add(slots["gradientAccumulator"]!)));
  const grads = clipGradients(steps === null ? sums : sums.map((total) => total.div(steps)), options);
  return variables.map((variable, i) => {
    const own = variable.scalars ?? scalars;
    const updated = optimizer.update({
      weight: decayed(variable, optimizer, own["learningRate"]!),
      grad: grads[i]!,
      slots: variable.slots,
      scalars: own,
    });
    const stepped = steps === null ? updated : onlyWhen(own["updates"]!, updated, variable, sums[i]!);
    const { weight, slots } = averaged(stepped, variable, options, own);
    return { weight: variable.constraint?.call(weight) ?? weight, slots };
  });
}

function clipGradients(grads: readonly Tensor[], { clipvalue, clipnorm, globalClipnorm }: CommonOptions): readonly Tensor[] {
  if (clipvalue !== null) return grads.map((grad) => grad.clip(-clipvalue, clipvalue));
  if (clipnorm !== null) return grads.map((grad) => div(mul(grad, clipnorm), maximum(norm([grad]), clipnorm)));
  if (globalClipnorm === null || grads.length === 0) return grads;
  const total = norm(grads);
  const scale = mul(minimum(reciprocal(total), 1 / globalClipnorm), globalClipnorm);
  // NaN where the norm is infinite, so that a blow-up is seen and not hidden by a scale of 0.
  const seen = scale.add(total.sub(total));
  return grads.map((grad) => grad.mul(seen));
}

/** The Euclidean norm of all elements together. */
function norm(tensors: readonly Tensor[]): Tensor {
  return sqrt(tensors.map((x) => sum(square(x))).reduce((a, b) => a.add(b)));
}

function decayed({ path, weight, weightDecay }: TrainedVariable, optimizer: Optimizer, learningRate: Tensor): Tensor {
  const share = weightDecay === undefined ? optimizer.weightDecayOf({ path, shape: weight.shape }) : weightDecay;
  return share === null ? weight : weight.sub(weight.mul(share).mul(learningRate));
}

/** The update where `flag` is 1; else everything as it was, and the gradient kept for later. */
function onlyWhen(flag: Tensor, updated: Updated, variable: TrainedVariable, total: Tensor): Updated {
  const now = greater(flag, 0.5);
  const slots = Object.entries(updated.slots).map(([name, slot]) => [name, where(now, slot, variable.slots[name]!)]);
  return {
    weight: where(now, updated.weight, variable.weight),
    slots: {
      ...(Object.fromEntries(slots) as Record<string, Tensor>),
      gradientAccumulator: where(now, zerosLike(total), total),
    },
  };
}

function averaged(
  updated: Updated,
  variable: TrainedVariable,
  options: CommonOptions,
  scalars: Readonly<Record<string, Tensor>>,
): Updated {
  const momentum = scalars["emaMomentum"];
  if (!options.useEma || momentum === undefined) return updated;
  const average = variable.slots["average"]!.mul(momentum).add(updated.weight.mul(momentum.neg().add(1)));
  const overwrites = scalars["emaOverwrites"];
  const weight = overwrites === undefined ? updated.weight : where(greater(overwrites, 0.5), average, updated.weight);
  return { weight, slots: { ...updated.slots, average } };
}
