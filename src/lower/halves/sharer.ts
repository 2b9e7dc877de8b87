import { Node, nodeOf, withScope } from "../../graph/node.js";
import { add, mul } from "../../ops/elementwise/binary.js";
import { constant } from "../../ops/elementwise/literal.js";
import { randomBits } from "../../ops/random/bits.js";
import { broadcastTo } from "../../ops/shape/broadcastTo.js";
import { concat, split } from "../../ops/shape/concat.js";
import { sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { linearOps, shareRules } from "./rules.js";
import type { Share, Sharing } from "./share.js";

/** A value as one part of the batch has it. */
export interface Part {
  readonly tensor: Tensor;
  readonly share: Share;
  /** How many equal groups the rows lie in along their axis; the part has a stretch of each. */
  readonly groups: number;
}

/** Follows the rows of a batch through a graph, and builds what one of several equal parts of them needs. */
export class Sharer {
  readonly #parts: number;
  /** Which part it is. */
  readonly #number: Tensor;
  readonly #shared = new Map<Tensor, Part>();
  /** Values that need all rows. */
  readonly #whole = new Set<Tensor>();
  readonly #narrowed = new Map<Tensor, Map<string, Tensor | undefined>>();

  /** `rows` are inputs and what takes their place in a part; `number` counts the parts from 0, uint32 of shape [1]. */
  constructor(parts: number, rows: ReadonlyMap<Tensor, Tensor>, number: Tensor) {
    this.#parts = parts;
    this.#number = number;
    for (const [whole, tensor] of rows) this.#shared.set(whole, { tensor, share: 0, groups: 1 });
  }

  /** What a part has of a value; undefined where it has all of it, or where all rows are needed. */
  partOf(tensor: Tensor): Part | undefined {
    return this.#shared.get(tensor);
  }

  /** Looks at the next node in order, and says whether a part can do its share of it. */
  visit(node: Node): "shared" | "whole" | "apart" {
    const parts = node.inputs.map((input) => this.#shared.get(input));
    const needsAll = node.inputs.some((input) => this.#whole.has(input));
    if (!needsAll && parts.every((part) => part === undefined)) return "apart";
    const outputs = needsAll ? undefined : this.#share(node, parts);
    if (outputs === undefined) {
      for (const output of node.outputs) this.#whole.add(output);
      return "whole";
    }
    node.outputs.forEach((output, i) => this.#shared.set(output, outputs[i]!));
    return "shared";
  }

  #share(node: Node, parts: readonly (Part | undefined)[]): Part[] | undefined {
    const shares = parts.map((part) => part?.share);
    const { groups } = parts.find((part) => part !== undefined)!;
    if (parts.some((part) => part !== undefined && part.groups !== groups)) return undefined;
    const operand = (i: number): Tensor => parts[i]?.tensor ?? node.inputs[i]!;
    if (shares.some((share) => typeof share === "string")) {
      const [share] = shares;
      if (!linearOps.has(node.op) || shares.some((other) => other !== share)) return undefined;
      return this.#build(node, node.inputs.map((_, i) => operand(i)), { share: share!, groups });
    }
    if (node.op.elementwise === true) return this.#shareElementwise(node, parts, groups);
    const sharing = this.#sharing(node, shares, groups);
    if (sharing !== undefined) return this.#build(node, node.inputs.map((_, i) => operand(i)), sharing);
    // Or the operands that each part has all of are cut down, too.
    for (let axis = 0; axis < Math.max(...node.inputs.map(({ rank }) => rank)); axis++) {
      const other = this.#sharing(node, shares.map((share) => share ?? axis), groups);
      const inputs = other && node.inputs.map((input, i) => parts[i]?.tensor ?? this.#narrow(input, axis, groups));
      if (inputs !== undefined && !inputs.includes(undefined)) return this.#build(node, inputs as Tensor[], other!);
    }
    return undefined;
  }

  #shareElementwise(node: Node, parts: readonly (Part | undefined)[], groups: number): Part[] | undefined {
    // Operands meet at their last axes.
    const missing = (input: Tensor): number => node.outputs[0]!.rank - input.rank;
    const axes = parts.flatMap((part, i) => (part === undefined ? [] : [(part.share as number) + missing(node.inputs[i]!)]));
    const axis = axes[0]!;
    if (axes.some((other) => other !== axis)) return undefined;
    const inputs = node.inputs.map((input, i) => parts[i]?.tensor ?? this.#narrow(input, axis - missing(input), groups));
    return inputs.includes(undefined) ? undefined : this.#build(node, inputs as Tensor[], { share: axis, groups });
  }

  #sharing(node: Node, shares: readonly (Share | undefined)[], groups: number): Required<Sharing> | undefined {
    const sharing = shareRules.get(node.op)?.({ node, inputs: node.inputs, output: node.outputs[0]!, shares, groups, parts: this.#parts });
    return sharing && { attrs: {}, groups, ...sharing };
  }

  #build({ op, attrs, scope }: Node, inputs: readonly Tensor[], sharing: Sharing): Part[] {
    const made = withScope(scope, () => new Node(op, inputs, { ...attrs, ...sharing.attrs }));
    const groups = typeof sharing.share === "number" ? (sharing.groups ?? 1) : 1;
    return made.outputs.map((tensor) => ({ tensor, share: sharing.share, groups }));
  }

  /** A value that does not depend on the batch, with the rows of one part only; undefined where its rows may differ. */
  #narrow(tensor: Tensor, axis: number, groups: number): Tensor | undefined {
    if (axis < 0 || tensor.shape[axis] === 1) return tensor;
    const known = this.#narrowed.get(tensor) ?? new Map<string, Tensor | undefined>();
    this.#narrowed.set(tensor, known);
    const key = `${axis} ${groups}`;
    if (!known.has(key)) known.set(key, this.#findNarrow(tensor, axis, groups));
    return known.get(key);
  }

  #findNarrow(tensor: Tensor, axis: number, groups: number): Tensor | undefined {
    const node = nodeOf(tensor);
    const rows = (tensor.shape[axis] as number) / this.#parts;
    if (node === undefined || tensor.value !== undefined || !Number.isInteger(rows)) return undefined;
    const shape = tensor.shape.map((dim, i) => (i === axis ? rows : dim));
    const [only] = node.inputs;
    if (node.op === constant) {
      const { data, dtype } = node.attrs as { readonly data: { readonly length: number }; readonly dtype: string };
      return data.length === 1 ? this.#build(node, [], { share: axis, attrs: { data, shape, dtype } })[0]!.tensor : undefined;
    }
    if (node.op === randomBits && axis === 0 && groups === 1) return withScope(node.scope, () => this.#narrowBits(node, shape as number[]));
    if (node.op === broadcastTo && (only!.shape[axis - tensor.rank + only!.rank] ?? 1) === 1) return withScope(node.scope, () => broadcastTo(only!, shape));
    if (node.op.elementwise === true) {
      const inputs = node.inputs.map((input) => this.#narrow(input, axis - tensor.rank + input.rank, groups));
      return inputs.includes(undefined) ? undefined : this.#build(node, inputs as Tensor[], { share: axis })[0]!.tensor;
    }
    return this.#narrowOperand(node, tensor, axis, groups);
  }

  /** The bits of some rows of many: each element has its number, so a part begins at that of its first. */
  #narrowBits({ inputs: [key], attrs }: Node, shape: readonly number[]): Tensor {
    const [start, step] = split(key!, 2) as [Tensor, Tensor];
    const stride = add(mul(step, 2), 1);
    const first = mul(this.#number, sizeOf(shape));
    return randomBits(concat([add(start, mul(first, stride)), step]), shape, attrs["top"] as number);
  }

  /** Where rows of a result are rows of one operand. */
  #narrowOperand(node: Node, tensor: Tensor, axis: number, groups: number): Tensor | undefined {
    for (const [i, input] of node.inputs.entries()) {
      for (let from = 0; from < input.rank; from++) {
        if (input.shape[from] === 1) continue;
        const sharing = this.#sharing(node, node.inputs.map((_, at) => (at === i ? from : undefined)), 1);
        const fewer = sharing?.share === axis && sharing.groups === groups ? this.#narrow(input, from, 1) : undefined;
        if (fewer === undefined) continue;
        return this.#build(node, node.inputs.map((other, at) => (at === i ? fewer : other)), sharing!)[node.outputs.indexOf(tensor)]!.tensor;
      }
    }
    return undefined;
  }
}
