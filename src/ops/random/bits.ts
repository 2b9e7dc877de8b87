import { shapeError } from "../../graph/node.js";
import type { LoweringBuilder, OnnxValue } from "../../graph/lowering.js";
import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { CROSS, wordsOf } from "../../random/key.js";
import { MIX_FACTORS, MIX_SHIFTS } from "../../random/mix.js";
import { type Shape, concreteShape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Counters form rows of this length, so that only one full-size addition makes them. */
const ROW = 1024;

type BitsAttrs = { readonly shape: readonly number[]; readonly top: number };

function checkKey(name: string, key: Tensor): void {
  if (key.dtype === "uint32" && key.rank === 1 && key.shape[0] === 2) return;
  throw shapeError(name, "a random key: uint32 of shape [2]", [key.shape], `its dtype is ${key.dtype}`);
}

/** What `src/random/mix.ts` computes, in ONNX. */
function lowerMix(b: LoweringBuilder, x: OnnxValue): OnnxValue {
  const word = (value: number): OnnxValue => b.scalar(value, "uint32");
  let h = x;
  MIX_SHIFTS.forEach((shift, i) => {
    h = b.node("BitwiseXor", [h, b.node("BitShift", [h, word(shift)], { direction: "RIGHT" })]);
    const factor = MIX_FACTORS[i];
    if (factor !== undefined) h = b.node("Mul", [h, word(factor)]);
  });
  return h;
}

/** 0, 1, …, length − 1 as uint32. */
function lowerCounters(b: LoweringBuilder, length: number): OnnxValue {
  return b.cast(b.node("Range", [b.scalar(0, "int32"), b.scalar(length, "int32"), b.scalar(1, "int32")]), "uint32");
}

/**
 * The first numbers of a key's stream: element i, in row-major order, is the host's
 * `randomBits(key, i)`. Keeps only the `top` bits, 1 to 32, default 32, shifted to the bottom.
 *
 * @shape [2] uint32 → shape uint32
 * @source mix(i · (2·k₁ + 1) + k₀), ours: ONNX's random ops cannot be resumed
 * @example
 * console.log(await ops.randomBits(tensor([123, 456], { dtype: "uint32" }), [3]).toArray()); // [3336997240, 2033784439, 3631661468]
 */
export const randomBits: OpOf<(key: Tensor, shape: Shape, top?: number) => Tensor> = defineOp({
  name: "randomBits",
  call: (apply: Apply<BitsAttrs>) => (key, shape, top = 32) =>
    apply([key], { shape: concreteShape(shape, "randomBits"), top })[0],
  infer: ([key], { shape }) => {
    checkKey("randomBits", key);
    return { shape, dtype: "uint32" };
  },
  grad: "none",
  lower: (b, [key], { attrs: { shape, top } }) => {
    const size = sizeOf(shape);
    const columns = Math.min(size, ROW);
    const rows = Math.ceil(size / Math.max(columns, 1));
    const [k0, k1] = b.nodes("Split", [key, b.int64s([1, 1])], 2, { axis: 0 }) as [OnnxValue, OnnxValue];
    const one = b.scalar(1, "uint32");
    const stride = b.node("Add", [b.node("Add", [k1, k1]), one]);
    // i · stride + k₀ for i = row · columns + column, from two short vectors.
    const rowStride = b.node("Mul", [stride, b.scalar(columns, "uint32")]);
    const rowParts = b.node("Add", [b.node("Mul", [lowerCounters(b, rows), rowStride]), k0]);
    const columnParts = b.node("Mul", [lowerCounters(b, columns), stride]);
    let bits = b.node("Add", [b.node("Unsqueeze", [rowParts, b.int64s([1])]), columnParts]);
    if (rows * columns !== size) {
      bits = b.node("Slice", [b.node("Reshape", [bits, b.int64s([-1])]), b.int64s([0]), b.int64s([size])]);
    }
    bits = lowerMix(b, bits);
    if (top < 32) bits = b.node("BitShift", [bits, b.scalar(32 - top, "uint32")], { direction: "RIGHT" });
    return b.node("Reshape", [bits, b.int64s(shape)], { allowzero: 1 });
  },
});

/**
 * A new key from a key and a number or name, independent of the key and of other data:
 * the host's `foldIn`.
 *
 * @shape [2] uint32 → [2] uint32
 * @source src/random/key.ts
 * @example
 * console.log(await ops.foldKey(tensor([123, 456], { dtype: "uint32" }), "dropout").toArray()); // [2561704535, 2969318642]
 */
export const foldKey: OpOf<(key: Tensor, data: number | string) => Tensor> = defineOp({
  name: "foldKey",
  call: (apply: Apply<{ words: readonly number[] }>) => (key, data) => apply([key], { words: wordsOf(data) })[0],
  infer: ([key]) => {
    checkKey("foldKey", key);
    return key;
  },
  grad: "none",
  lower: (b, [key], { attrs: { words } }) => {
    const mixed = lowerMix(b, b.node("Add", [key, b.constant(Uint32Array.from(words), [2], "uint32")]));
    const crossed = b.node("Gather", [mixed, b.int64s([1, 0])]);
    return lowerMix(b, b.node("Add", [b.node("Mul", [mixed, b.scalar(CROSS, "uint32")]), crossed]));
  },
});
