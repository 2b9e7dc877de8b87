import type { Graph } from "../../graph/graph.js";
import { nodeOf } from "../../graph/node.js";
import { reshape } from "../../ops/shape/reshape.js";
import { bytesPerElement, isFloat } from "../../tensor/dtype.js";
import { isConcrete } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Programs whose values take less are not worth an operation that saves memory. */
const LEAST_BYTES = 64 * 2 ** 20;

/** A smaller part of what all values take is not worth one either. */
const LEAST_SHARE = 1 / 512;

/** When the values of a graph live, as its nodes run one after another. */
export interface Liveness {
  /** The place of the node at which they take most memory, and how much. */
  readonly fullest: number;
  readonly bytes: number;
  /** The places of the nodes that read a value, in any shape, in order. */
  readonly users: (value: Tensor) => readonly number[];
  /** Whether memory can be saved with a value. */
  readonly matters: (value: Tensor) => boolean;
}

/**
 * Undefined where little memory is taken or sizes are free. Inputs and outputs of the graph do not count: they have
 * memory of their own.
 */
export function livenessOf({ nodes, outputs }: Graph, leastBytes = LEAST_BYTES): Liveness | undefined {
  if (nodes.some((node) => node.outputs.some(({ shape }) => !isConcrete(shape)))) return undefined;
  const places = new Map<Tensor, number[]>();
  for (const [place, node] of nodes.entries()) {
    if (node.op === reshape) continue;
    for (const value of new Set(node.inputs.map(storageOf))) {
      const known = places.get(value);
      if (known === undefined) places.set(value, [place]);
      else known.push(place);
    }
  }
  const kept = new Set(outputs.map(storageOf));
  const dying = nodes.map(() => 0);
  let [live, bytes, fullest] = [0, 0, 0];
  for (const [place, node] of nodes.entries()) {
    for (const output of node.outputs) {
      if (node.op === reshape || kept.has(output)) continue;
      live += bytesOf(output);
      dying[places.get(output)?.at(-1) ?? place]! += bytesOf(output);
    }
    if (live > bytes) [bytes, fullest] = [live, place];
    live -= dying[place]!;
  }
  if (bytes < leastBytes) return undefined;
  return { fullest, bytes, users: (value) => places.get(value) ?? [], matters: (value) => bytesOf(value) >= LEAST_SHARE * bytes };
}

/** The value whose memory a tensor shows. */
export function storageOf(tensor: Tensor): Tensor {
  let value = tensor;
  for (let node = nodeOf(value); node?.op === reshape; node = nodeOf(value)) value = node.inputs[0]!;
  return value;
}

/** Whether a barrier may wait for a value: it looks for a NaN in the first element. */
export function canWaitFor({ dtype, shape }: Tensor): boolean {
  return isFloat(dtype) && !shape.includes(0);
}

/** Of a tensor whose axes all have sizes. */
export function bytesOf({ shape, dtype }: Tensor): number {
  return shape.reduce<number>((product, dim) => product * (dim as number), bytesPerElement(dtype));
}
