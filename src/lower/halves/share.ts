import type { Node } from "../../graph/node.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * How the parts of a batch hold a value: each a stretch of this axis, or a value of the same shape, all of which
 * together make the whole by their sum or mean.
 */
export type Share = number | "sum" | "mean";

/** What an op gives for a part of the rows. */
export interface Sharing {
  readonly share: Share;
  /** The stretches that a part has of the axis, one in each of so many equal groups. Default: as the operands. */
  readonly groups?: number;
  /** Settings that are other for a part than for the whole. */
  readonly attrs?: Readonly<Record<string, unknown>>;
}

/** What a rule knows: the node of the whole, and how its operands are shared; undefined where each part has all of one. */
export interface ShareContext {
  readonly node: Node;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly shares: readonly (Share | undefined)[];
  /** How many equal groups the rows of all shared operands lie in, a part having a stretch of each. */
  readonly groups: number;
  readonly parts: number;
}

/** Says what an op gives for a part of the rows; undefined where it needs them all. */
export type ShareRule = (context: ShareContext) => Sharing | undefined;
