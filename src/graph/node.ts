import { NacreError } from "../error.js";
import type { DType } from "../tensor/dtype.js";
import { type Shape, formatShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import type { Op } from "./op.js";

/** Settings of a node: plain data, part of its identity. */
export type Attrs = Readonly<Record<string, unknown>>;

/** Shape and dtype of one value. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One application of an op to tensors; immutable. */
export class Node {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  readonly outputs: readonly Tensor[];
  /** The layer or function that made it, such as `block1/conv`; for profiles and errors. */
  readonly scope: string;

  constructor(op: Op, inputs: readonly Tensor[], attrs: Attrs) {
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.scope = currentScope();
    const specs = op.infer(inputs, attrs);
    const list = Array.isArray(specs) ? (specs as readonly Spec[]) : [specs as Spec];
    spend(list.length);
    this.outputs = list.map(
      ({ shape, dtype }, index) => new Tensor({ shape, dtype, producer: this, index }),
    );
  }
}

/** The node that computes a tensor; undefined for data and placeholders. */
export function nodeOf(tensor: Tensor): Node | undefined {
  return tensor.producer as Node | undefined;
}

let scope = "";

export function currentScope(): string {
  return scope;
}

/** Runs `body` with every node it builds marked as made by `name`. */
export function withScope<T>(name: string, body: () => T): T {
  spend(SCOPE_COST);
  const outer = scope;
  if (name !== "") scope = outer === "" ? name : `${outer}/${name}`;
  try {
    return body();
  } finally {
    scope = outer;
  }
}

let allowance = Infinity;

/** A layer's call takes about as long as so many nodes. */
const SCOPE_COST = 10;

/**
 * Runs `body`, which may build at most `limit` outputs of nodes, a scope counting as ten: a small file can describe a graph
 * that takes all memory, through nested models or unrolled steps.
 *
 * @throws BAD_FILE when it would build more
 */
export function withinAllowance<T>(limit: number, body: () => T): T {
  const outer = allowance;
  allowance = Math.min(limit, outer);
  try {
    return body();
  } finally {
    allowance = outer;
  }
}

function spend(cost: number): void {
  allowance -= cost;
  if (allowance >= 0) return;
  throw new NacreError({
    code: "BAD_FILE",
    where: "model file",
    expected: "a graph of bearable size",
    received: "one that goes on and on, through nested models or unrolled steps",
    fix: "build the model in code and load its weights, if you trust the file",
  });
}

/** A shape error at an op, with the layer in front where there is one. */
export function shapeError(op: string, expected: string, shapes: readonly Shape[], fix?: string): NacreError {
  const scope = currentScope();
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where: scope === "" ? op : `${op} in ${scope}`,
    expected,
    received: shapes.map(formatShape).join(" and "),
    ...(fix === undefined ? {} : { fix }),
  });
}
