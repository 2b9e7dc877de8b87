import type { Variable } from "../layers/variable.js";
import type { Optimizer } from "../optimizers/index.js";
import { concat, split } from "../ops/shape/concat.js";
import { reshape } from "../ops/shape/reshape.js";
import { sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Weights that the optimizer updates as one tensor, in the order in which they lie in it. */
export type Unit = readonly Variable[];

/** Up to this size a node and a port cost more than copying the weight. */
const MOST_ELEMENTS = 2 ** 14;

/** Puts small weights together that follow the same rule, in the same group; every other weight is a unit of its own. */
export function unitsOf(optimizer: Optimizer, variables: readonly Variable[], groupOf: (variable: Variable) => number = () => -1): Unit[] {
  const joined = new Map<string, Variable[]>();
  const alone: Unit[] = [];
  for (const variable of variables) {
    const key = jointKey(optimizer, variable);
    if (key === undefined) {
      alone.push([variable]);
      continue;
    }
    const whole = `${key} ${groupOf(variable)}`;
    joined.set(whole, [...(joined.get(whole) ?? []), variable]);
  }
  return [...joined.values(), ...alone];
}

/** Weights of equal keys can be joined; undefined for those that cannot. */
function jointKey(optimizer: Optimizer, variable: Variable): string | undefined {
  if (!optimizer.elementwise || variable.constraint !== undefined || variable.size > MOST_ELEMENTS) return undefined;
  const slots = optimizer.slots(variable);
  if (Object.values(slots).some(({ shape }) => shape.join() !== variable.shape.join())) return undefined;
  return [optimizer.weightDecayOf(variable), ...Object.keys(slots)].join(" ");
}

/** Tensors of a unit's weights, as one. @shape [...] each → [N], or as it is where there is one */
export function join(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 1) return tensors[0]!;
  return concat(tensors.map((tensor) => reshape(tensor, [sizeOf(tensor.shape)])), 0);
}

/** What {@link join} made of tensors of the unit's weights, apart again. */
export function part(joint: Tensor, unit: Unit): Tensor[] {
  if (unit.length === 1) return [joint];
  return split(joint, unit.map(({ size }) => size), 0).map((flat, i) => reshape(flat, unit[i]!.shape));
}
