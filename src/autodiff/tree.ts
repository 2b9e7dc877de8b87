import { NacreError } from "../error.js";
import { isTypedArray } from "../tensor/dtype.js";
import { Tensor } from "../tensor/tensor.js";

/** Values that travel through `grad` and `jit`: tensors in nested objects and arrays. */
export type Tree = Tensor | TreeLeaf | readonly Tree[] | { readonly [key: string]: Tree };
/** What is not a tensor: numbers may become tensors, the rest is part of the structure. */
export type TreeLeaf = number | string | boolean | null | undefined;

/** Replaces the leaves of a tree, keeping its shape. `visit` gets a path such as `state.weights.0`. */
export function mapTree<R>(tree: unknown, visit: (leaf: Tensor | TreeLeaf, path: string) => R, path = ""): unknown {
  if (tree instanceof Tensor) return visit(tree, path);
  if (tree === null || typeof tree !== "object") return visit(checkedLeaf(tree, path), path);
  const below = (key: string | number): string => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(tree)) return tree.map((item: unknown, i) => mapTree(item, visit, below(i)));
  if (isTypedArray(tree) || Object.getPrototypeOf(tree) !== Object.prototype) throw badLeaf(tree, path);
  return Object.fromEntries(
    Object.keys(tree)
      .sort()
      .map((key) => [key, mapTree((tree as Record<string, unknown>)[key], visit, below(key))]),
  );
}

/** The leaves of a tree in the order in which {@link mapTree} visits them. */
export function leavesOfTree(tree: unknown): { leaf: Tensor | TreeLeaf; path: string }[] {
  const leaves: { leaf: Tensor | TreeLeaf; path: string }[] = [];
  mapTree(tree, (leaf, path) => leaves.push({ leaf, path }));
  return leaves;
}

function checkedLeaf(leaf: unknown, path: string): TreeLeaf {
  if (leaf === null || leaf === undefined || typeof leaf === "number" || typeof leaf === "string" || typeof leaf === "boolean") return leaf;
  throw badLeaf(leaf, path);
}

function badLeaf(leaf: unknown, path: string): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: path === "" ? "argument" : `argument ${path}`,
    expected: "tensors, numbers, strings, booleans, and plain objects or arrays of them",
    received: Object.prototype.toString.call(leaf),
    fix: "wrap arrays of numbers in tensor(…)",
  });
}
