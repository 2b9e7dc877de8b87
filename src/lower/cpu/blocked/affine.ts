import { nodeOf } from "../../../graph/node.js";
import { type Apply, defineOp } from "../../../graph/op.js";
import { add, mul } from "../../../ops/elementwise/binary.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { BLOCKED_DOMAIN } from "./layout.js";

/** x · scale + shift, channel by channel, in one pass. @source ONNX Runtime's blocked Conv, depthwise and 1×1 */
export const affineOp = defineOp({
  name: "affine",
  call:
    (apply: Apply<{ scaled: boolean; shifted: boolean; activation: "Relu" | null }>) =>
    (x: Tensor, { scale, shift, addend, activation }: AffineOperands): Tensor =>
      apply([x, ...[scale, shift, addend].filter((operand) => operand !== undefined)], {
        scaled: scale !== undefined,
        shifted: shift !== undefined,
        activation: activation ?? null,
      })[0],
  infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  grad: "none",
  lower: (b, operands, { inputs: [x, scales], attrs: { scaled, shifted, activation } }) => {
    const [batch, count, height, width, block] = x.shape as readonly [number, number, number, number, number];
    const channels = count * block;
    const rest = operands.slice(1);
    const scale = scaled ? rest.shift()! : b.constant(new Float32Array(channels).fill(1), [channels], "float32");
    const shift = shifted ? rest.shift()! : null;
    const addend = rest.shift() ?? null;
    const blocks = [batch, count, height, width, block];
    const flat = [batch, channels, height, width];
    const given = [
      b.reshape(operands[0], blocks, flat),
      b.reshape(scale, scaled ? (scales!.shape as number[]) : [channels], [channels, 1, 1, 1]),
      shift,
      addend === null ? null : b.reshape(addend, blocks, flat),
    ];
    while (given.at(-1) === null) given.pop();
    const y = b.node("Conv", given, { kernel_shape: [1, 1], group: channels, activation: activation ?? undefined }, BLOCKED_DOMAIN);
    return b.reshape(y, flat, blocks);
  },
});

/** What each channel is multiplied by and what is added, [C] each, padding included. */
export interface AffineOperands {
  /** Default ones. */
  readonly scale?: Tensor | undefined;
  /** Default zeros. */
  readonly shift?: Tensor | undefined;
  /** Added to the result, of its shape. */
  readonly addend?: Tensor | undefined;
  readonly activation?: "Relu" | null;
}

/** blocks · scale + shift; one affine map of another becomes a single one. */
export function affine(blocks: Tensor, scale: Tensor | undefined, shift: Tensor | undefined): Tensor {
  const inner = affineOf(blocks);
  if (inner === undefined) return affineOp(blocks, { scale, shift });
  const moved = inner.shift === undefined || scale === undefined ? inner.shift : mul(inner.shift, scale);
  return affineOp(inner.blocks, { scale: both(mul, inner.scale, scale), shift: both(add, moved, shift) });
}

/** The parts of a bare affine map. */
export function affineOf(blocks: Tensor): { blocks: Tensor; scale: Tensor | undefined; shift: Tensor | undefined } | undefined {
  const node = nodeOf(blocks);
  if (node?.op !== affineOp || node.attrs["activation"] !== null) return undefined;
  const [x, ...rest] = node.inputs as [Tensor, ...Tensor[]];
  const scale = node.attrs["scaled"] === true ? rest.shift() : undefined;
  const shift = node.attrs["shifted"] === true ? rest.shift() : undefined;
  return rest.length > 0 ? undefined : { blocks: x, scale, shift };
}

function both(op: (a: Tensor, b: Tensor) => Tensor, a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  return a === undefined || b === undefined ? (a ?? b) : op(a, b);
}
