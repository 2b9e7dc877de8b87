import { barrier } from "../../autodiff/barrier.js";
import type { Graph } from "../../graph/graph.js";
import { Node, nodeOf } from "../../graph/node.js";
import type { RewriteContext } from "../../graph/rewrite.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";
import { bytesOf, canWaitFor, livenessOf, storageOf } from "./liveness.js";

/** So many ops give a value back at most. */
const MOST_OPS = 3;

/** An operand smaller than this part of a value costs little to keep. */
const SMALL_SHARE = 1 / 16;

/**
 * What is computed elementwise from values that live anyway does not live where all values take most memory, which is
 * between the forward and the backward pass: what comes after computes it again.
 */
export const recompute: Rule = {
  name: "recompute",
  rewrite: (node, context) => {
    const plan = planOf(context);
    if (plan === undefined || context.place <= plan.fullest || node.outputs.some((output) => storageOf(output) !== output)) return undefined;
    const inputs = node.inputs.map((input) => (plan.again.has(storageOf(input)) ? copyOf(input, node, plan) : input));
    return inputs.every((input, i) => input === node.inputs[i]) ? undefined : new Node(node.op, inputs, node.attrs).outputs;
  },
};

interface Plan {
  /** After this place there are copies. */
  readonly fullest: number;
  /** Of which values, and how many ops a copy takes. */
  readonly again: ReadonlyMap<Tensor, number>;
  readonly copies: Map<Tensor, Tensor>;
  /** Whether a tensor is computed after the fullest moment and can be waited for. */
  readonly isLate: (tensor: Tensor) => boolean;
}

const plans = new WeakMap<RewriteContext, Plan | null>();

function planOf(context: RewriteContext): Plan | undefined {
  const known = plans.get(context);
  if (known !== undefined) return known ?? undefined;
  const plan = makePlan(context.graph);
  plans.set(context, plan ?? null);
  return plan;
}

function makePlan({ inputs, nodes, outputs }: Graph): Plan | undefined {
  const liveness = livenessOf({ inputs, nodes, outputs });
  if (liveness === undefined) return undefined;
  const { fullest, users, matters } = liveness;
  const forward = nodes.slice(0, fullest + 1);
  const early = new Set([...inputs, ...forward.flatMap((node) => node.outputs)]);
  const isLate = (tensor: Tensor): boolean => {
    const value = storageOf(tensor);
    return !early.has(value) && (nodeOf(value)?.inputs.length ?? 0) > 0 && canWaitFor(value);
  };
  const kept = new Set(outputs.map(storageOf));
  const again = new Map<Tensor, number>();
  for (const { op, inputs: operands, outputs: [value] } of forward) {
    if (op.elementwise !== true || operands.length === 0 || kept.has(value!) || !matters(value!)) continue;
    // A copy waits for another operand of its first user.
    const late = users(value!).filter((place) => place > fullest);
    if (!late.every((place) => nodes[place]!.inputs.some(isLate))) continue;
    const cost = operands.reduce((sum, operand) => {
      const source = storageOf(operand);
      const lives = (users(source).at(-1) ?? 0) > fullest;
      if (again.has(source)) return sum + (lives ? 0 : again.get(source)!);
      const free = nodeOf(source) === undefined || bytesOf(source) <= SMALL_SHARE * bytesOf(value!);
      return free || (lives && bytesOf(source) <= bytesOf(value!)) ? sum : Infinity;
    }, 1);
    if (cost <= MOST_OPS) again.set(value!, cost);
  }
  return { fullest, again, isLate, copies: new Map() };
}

/** A value computed again, not before its user's other operand is there. */
function copyOf(tensor: Tensor, user: Node, plan: Plan): Tensor {
  const known = plan.copies.get(tensor);
  if (known !== undefined) return known;
  const { op, inputs: operands, attrs } = nodeOf(tensor)!;
  const inputs = operands.map((operand) => (plan.again.has(storageOf(operand)) ? copyOf(operand, user, plan) : operand));
  if (inputs.every((input, i) => input === operands[i])) {
    const largest = inputs.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
    inputs[inputs.indexOf(largest)] = barrier(largest, user.inputs.find(plan.isLate)!);
  }
  const copy = new Node(op, inputs, attrs).outputs[0]!;
  plan.copies.set(tensor, copy);
  return copy;
}
