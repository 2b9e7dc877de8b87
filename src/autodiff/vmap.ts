import { NacreError } from "../error.js";
import { stack, unstack } from "../ops/shape/concat.js";
import { Tensor } from "../tensor/tensor.js";
import { leavesOfTree, mapTree } from "./tree.js";

/** How {@link vmap} cuts arguments and joins results. */
export interface VmapOptions {
  /** For each argument, the axis over which it is mapped, or null to pass it whole. Default 0. */
  readonly inAxes?: number | readonly (number | null)[];
  /** The axis over which results are joined. Default 0. */
  readonly outAxis?: number;
}

/**
 * A function for a batch from one for a single example: each argument is cut along an axis, `f` is
 * applied to every part, and its results are joined. The program holds one copy of `f` an example,
 * so it is meant for small batches of functions that cannot take a batch themselves.
 *
 * @throws SHAPE_MISMATCH when no argument is mapped, or mapped axes differ in size
 * @example
 * const pairwise = vmap((x: Tensor, y: Tensor) => x.matmul(y));
 * console.log(await pairwise(tensor([[1, 2], [3, 4]]), tensor([[1, 1], [2, 2]])).toArray()); // [3, 14]
 */
export function vmap<A extends readonly unknown[], R>(f: (...args: A) => R, options: VmapOptions = {}): (...args: A) => R {
  const { inAxes = 0, outAxis = 0 } = options;
  return (...args) => {
    const axisOf = (i: number): number | null => (typeof inAxes === "number" ? inAxes : (inAxes[i] ?? null));
    const parts = new Map<Tensor, Map<number, Tensor[]>>();
    const partsOf = (tensor: Tensor, axis: number): Tensor[] => {
      const byAxis = parts.get(tensor) ?? new Map<number, Tensor[]>();
      parts.set(tensor, byAxis);
      const found = byAxis.get(axis) ?? unstack(tensor, axis);
      byAxis.set(axis, found);
      return found;
    };
    const counts = args.flatMap((arg, i) => {
      const axis = axisOf(i);
      if (axis === null) return [];
      return leavesOfTree(arg).flatMap(({ leaf }) => (leaf instanceof Tensor ? [partsOf(leaf, axis).length] : []));
    });
    const [count] = counts;
    if (count === undefined || count === 0 || counts.some((other) => other !== count)) throw wrongSizes(counts);
    const results = Array.from({ length: count }, (_, n) => {
      const single = args.map((arg, i) => {
        const axis = axisOf(i);
        return axis === null ? arg : mapTree(arg, (leaf) => (leaf instanceof Tensor ? partsOf(leaf, axis)[n] : leaf));
      });
      return f(...(single as unknown as A));
    });
    const leaves = results.map((result) => leavesOfTree(result).map(({ leaf }) => leaf));
    let at = -1;
    return mapTree(results[0], (leaf) => {
      at++;
      return leaf instanceof Tensor ? stack(leaves.map((list) => list[at] as Tensor), outAxis) : leaf;
    }) as R;
  };
}

function wrongSizes(counts: readonly number[]): NacreError {
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where: "vmap",
    expected: "mapped axes of one size of at least 1",
    received: counts.length === 0 ? "no mapped tensor" : counts.join(", "),
    fix: "give each argument's axis in inAxes, null for those to be passed whole",
  });
}
