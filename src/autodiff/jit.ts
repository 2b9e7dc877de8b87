import { NacreError, checkOptions } from "../error.js";
import { type CompiledGraph, getCompiler } from "../graph/compiler.js";
import { graphOf, placeholder } from "../graph/graph.js";
import { arrayOf } from "../tensor/dtype.js";
import { getRuntime } from "../tensor/runtime.js";
import { concreteShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { leavesOfTree, mapTree, type TreeLeaf } from "./tree.js";

/** How a jitted function treats its arguments. */
export interface JitOptions {
  /**
   * Arguments, by position, that the call uses up: their memory serves the outputs, and the old
   * handles then throw STALE_STATE. Meant for state that the function returns anew. Default none.
   */
  readonly donate?: readonly number[];
  /** How many compiled shapes are kept, the least recently used going first. Default 16. */
  readonly cacheSize?: number;
}

interface Traced {
  readonly compiled: CompiledGraph;
  /** The returned tree with positions of outputs in place of tensors. */
  readonly result: unknown;
}

/** Marks a place in a returned tree where an output goes. */
class OutputSlot {
  constructor(readonly index: number) {}
}

/**
 * A function compiled to one program. Arguments are nested objects and arrays: tensors and
 * numbers are inputs, so new values never recompile; strings, booleans and shapes are part of the
 * cache key. Returns the same nested result, with tensors that the engine holds.
 *
 * @throws STALE_STATE when an argument was donated to an earlier call
 * @example
 * const step = jit((state: { w: Tensor }, rate: number) => ({ w: state.w.mul(rate) }));
 * const { w } = await step({ w: tensor([1, 2]) }, 0.5);
 */
export function jit<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: JitOptions = {},
): (...args: A) => Promise<R> {
  checkOptions("jit", options, ["donate", "cacheSize"]);
  const cache = new Map<string, Promise<Traced>>();
  const limit = options.cacheSize ?? 16;
  return async (...args: A): Promise<R> => {
    const leaves = args.map((arg) => leavesOfTree(arg));
    const key = JSON.stringify(args.map((arg) => mapTree(arg, leafKey)));
    let traced = cache.get(key);
    cache.delete(key);
    traced ??= traceAndCompile(f, args);
    cache.set(key, traced);
    if (cache.size > limit) cache.delete(cache.keys().next().value!);
    const current = traced;
    current.catch(() => {
      if (cache.get(key) === current) cache.delete(key);
    });
    const { compiled, result } = await traced;
    const inputs = leaves.flatMap((list, position) =>
      list.filter(({ leaf }) => isInput(leaf)).map(({ leaf }) => ({ leaf, position })),
    );
    const pending = inputs.flatMap(({ leaf }) => (leaf instanceof Tensor && leaf.value === undefined ? [leaf] : []));
    if (pending.length > 0) await getRuntime().evaluate(pending);
    const feeds = inputs.map(({ leaf }) =>
      leaf instanceof Tensor ? leaf.value! : arrayOf("float32", [leaf as number]),
    );
    const donate = inputs.flatMap(({ leaf, position }, i) =>
      leaf instanceof Tensor && !ArrayBuffer.isView(leaf.value) && options.donate?.includes(position) ? [i] : [],
    );
    const values = await compiled.run(feeds, { donate });
    return mapSlots(result, (slot) => {
      const { dtype, shape } = values[slot.index]!;
      return new Tensor({ dtype, shape, value: values[slot.index]! });
    }) as R;
  };
}

function isInput(leaf: Tensor | TreeLeaf): boolean {
  return leaf instanceof Tensor || typeof leaf === "number";
}

/** What of a leaf decides whether a compiled program fits; the first letters keep "true" and true apart. */
function leafKey(leaf: Tensor | TreeLeaf): string {
  if (leaf instanceof Tensor) return `tensor ${leaf.dtype} ${concreteShape(leaf.shape, "jit").join()}`;
  return typeof leaf === "number" ? "number" : `${typeof leaf} ${leaf}`;
}

async function traceAndCompile(f: (...args: never[]) => unknown, args: readonly unknown[]): Promise<Traced> {
  const inputs: Tensor[] = [];
  const traced = mapTree(args, (leaf, path) => {
    if (!isInput(leaf)) return leaf;
    const input = leaf instanceof Tensor ? placeholder(leaf.shape, leaf.dtype, path) : placeholder([], "float32", path);
    inputs.push(input);
    return input;
  }) as never[];
  const outputs: Tensor[] = [];
  const returned = f(...traced);
  if (returned instanceof Promise) {
    // The mistake is reported here; what the function throws later is its consequence.
    returned.catch(() => undefined);
    throw asyncFunction();
  }
  const result = mapTree(returned, (leaf) => (leaf instanceof Tensor ? new OutputSlot(outputs.push(leaf) - 1) : leaf));
  const compiled = outputs.length === 0 ? nothingToRun : await getCompiler().compile(graphOf(inputs, outputs));
  return { compiled, result };
}

/** Stands for a function that returns no tensors: engines refuse programs without outputs. */
const nothingToRun: CompiledGraph = { run: () => Promise.resolve([]) };

function mapSlots(tree: unknown, visit: (slot: OutputSlot) => Tensor): unknown {
  if (tree instanceof OutputSlot) return visit(tree);
  if (Array.isArray(tree)) return tree.map((item) => mapSlots(item, visit));
  if (tree === null || typeof tree !== "object") return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, mapSlots(item, visit)]));
}

function asyncFunction(): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "jit",
    expected: "a synchronous function",
    received: "one that returns a promise",
    fix: "build the result without await, and read values outside the jitted function",
  });
}
