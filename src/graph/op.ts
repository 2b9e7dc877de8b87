import type { Tensor } from "../tensor/tensor.js";
import type { LoweringBuilder, OnnxValue } from "./lowering.js";
import { type Attrs, Node, type Spec } from "./node.js";

/**
 * An op's operands. Typed as at least four so that rules can destructure without checks;
 * how many there really are is fixed by the op's `call`.
 */
export type Operands<T> = readonly [T, T, T, T, ...T[]];

/** What a gradient rule knows of the node it differentiates. */
export interface GradContext<A extends Attrs> {
  readonly inputs: Operands<Tensor>;
  readonly outputs: Operands<Tensor>;
  readonly attrs: A;
  /** For each input, whether anyone asks for its gradient. */
  readonly needed: readonly boolean[];
}

/** What a lowering knows of the node it lowers, beside the names of its inputs. */
export interface LowerContext<A extends Attrs> {
  readonly inputs: Operands<Tensor>;
  readonly outputs: Operands<Tensor>;
  readonly attrs: A;
}

/**
 * Cotangents of the outputs in, cotangents of the inputs out. A cotangent is null where the
 * output does not matter; null is returned for an input without gradient.
 */
export type GradRule<A extends Attrs> = (
  context: GradContext<A>,
  cotangents: Operands<Tensor | null>,
) => readonly (Tensor | null)[];

/** Instructions that compute four float32 at once. */
export type LaneInstruction = "abs" | "neg" | "sqrt" | "add" | "sub" | "mul" | "div" | "min" | "max";

/** Properties that general passes read; they never look at names. */
export interface OpTraits {
  /** Each output element depends only on the input elements at its place, inputs broadcast. */
  readonly elementwise?: boolean;
  /** The one instruction that an elementwise op of float32 is. */
  readonly lanes?: LaneInstruction;
  /** Never merged with an equal node: it is there to be computed again. */
  readonly barrier?: boolean;
}

/** All that the system knows of an op. */
export interface Op extends OpTraits {
  readonly name: string;
  infer(inputs: readonly Tensor[], attrs: Attrs): Spec | readonly Spec[];
  readonly grad: GradRule<Attrs> | "none";
  lower(b: LoweringBuilder, inputs: Operands<OnnxValue>, context: LowerContext<Attrs>): OnnxValue | readonly OnnxValue[];
}

/** Builds a node of the op being defined and returns its outputs. */
export type Apply<A extends Attrs = Record<never, never>> = (
  inputs: readonly Tensor[],
  attrs?: A,
) => Operands<Tensor>;

/** What an op's file gives: its user-facing call, shape rule, gradient and lowering. */
export interface OpDefinition<A extends Attrs, F> extends OpTraits {
  readonly name: string;
  /** Returns the function that users call. */
  readonly call: (apply: Apply<A>) => F;
  readonly infer: (inputs: Operands<Tensor>, attrs: A) => Spec | readonly Spec[];
  /** `"none"` says that no gradient passes through. */
  readonly grad: GradRule<A> | "none";
  readonly lower: (
    b: LoweringBuilder,
    inputs: Operands<OnnxValue>,
    context: LowerContext<A>,
  ) => OnnxValue | readonly OnnxValue[];
}

/** An op together with the function that users call. */
export type OpOf<F> = F & Op;

/**
 * Makes an op: a function for users that is also the object which graphs refer to and
 * rewrite rules match.
 */
export function defineOp<A extends Attrs, F extends (...args: never[]) => unknown>(
  definition: OpDefinition<A, F>,
): OpOf<F> {
  const apply: Apply<A> = (inputs, attrs = {} as A) =>
    new Node(op, inputs, attrs).outputs as unknown as Operands<Tensor>;
  const user = definition.call(apply) as unknown as (...args: unknown[]) => unknown;
  const call = (...args: unknown[]): unknown => user(...args);
  const { name, call: _call, ...rule } = definition;
  Object.defineProperty(call, "name", { value: name });
  const op = Object.assign(call, rule) as unknown as OpOf<F>;
  return op;
}
