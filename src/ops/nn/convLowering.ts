import type { LoweringBuilder, OnnxValue } from "../../graph/lowering.js";
import { type Dim, mulDims } from "../../tensor/dim.js";
import { type Shape, concreteShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type ConvAttrs, type Padding, leftovers } from "./convGeometry.js";

/** A value of the ONNX graph with the shape that it stands for. */
export interface Operand {
  readonly name: OnnxValue;
  readonly tensor: Tensor;
}

/** Larger than any axis: where ONNX clamps an end to the axis's own. */
const TO_THE_END = 2 ** 31 - 1;

export function lowerConv(
  b: LoweringBuilder,
  x: OnnxValue,
  kernel: OnnxValue,
  { strides, dilations, padding, groups }: ConvAttrs,
): OnnxValue {
  const pads = [...padding.map(([before]) => before), ...padding.map(([, after]) => after)];
  return b.node("Conv", [x, kernel], { strides, dilations, pads, group: groups });
}

export function lowerInputGrad(
  b: LoweringBuilder,
  g: Operand,
  kernel: Operand,
  z: Tensor,
  attrs: ConvAttrs & { readonly inputShape: readonly number[] },
): OnnxValue {
  if (isEmpty(g.tensor) || isEmpty(kernel.tensor)) return zeros(b, z);
  const taps = concreteShape(kernel.tensor.shape.slice(2), "convInputGrad");
  const { strides, dilations, padding, groups } = attrs;
  if (strides.every((stride) => stride === 1)) {
    const reach = taps.map((size, i) => (size - 1) * dilations[i]!);
    const cropped = crop(b, g, padding.map(([before, after], i) => [reach[i]! - before, reach[i]! - after]));
    if (cropped === undefined) return zeros(b, z);
    const flipped = flippedKernel(b, kernel, groups);
    return lowerConv(b, cropped.name, flipped, { strides, dilations, padding: cropped.padding, groups });
  }
  const counts = concreteShape(g.tensor.shape.slice(2), "convInputGrad");
  const output_padding = leftovers(attrs.inputShape, taps, counts, attrs);
  const pads = [...padding.map(([before]) => before), ...padding.map(([, after]) => after)];
  return b.node("ConvTranspose", [g.name, kernel.name], { strides, dilations, pads, group: groups, output_padding });
}

export function lowerKernelGrad(
  b: LoweringBuilder,
  x: Operand,
  g: Operand,
  w: Tensor,
  attrs: ConvAttrs & { readonly kernelShape: readonly number[] },
): OnnxValue {
  if (isEmpty(x.tensor) || isEmpty(g.tensor)) return zeros(b, w);
  const { strides, dilations, padding, groups } = attrs;
  const [batch, channels, ...sizes] = x.tensor.shape as [Dim, number, ...number[]];
  const counts = concreteShape(g.tensor.shape.slice(2), "convKernelGrad");
  const rest = leftovers(sizes, attrs.kernelShape, counts, attrs);
  // Padding that no window reaches would give taps that the kernel does not have.
  const cropped = crop(b, x, padding.map(([before, after], i) => [before, after - rest[i]!]));
  if (cropped === undefined) return zeros(b, w);
  const spatial = sizes.map((_, i) => i + 2);
  let images: OnnxValue;
  if (groups === 1) images = b.node("Transpose", [cropped.name], { perm: [1, 0, ...spatial] }); // [C,B,...S]
  else {
    // Each group's batch becomes its channels, so that one grouped Conv serves all groups.
    const perGroup = channels / groups;
    const split = b.node("Reshape", [cropped.name, b.shape([batch, groups, perGroup, ...cropped.sizes])]);
    const swapped = b.node("Transpose", [split], { perm: [2, 1, 0, ...spatial.map((axis) => axis + 1)] });
    images = b.node("Reshape", [swapped, b.shape([perGroup, mulDims(batch, groups), ...cropped.sizes])]); // [C/G,G·B,...S]
  }
  const filters = b.node("Transpose", [g.name], { perm: [1, 0, ...spatial] }); // [O,B,...I]
  const options = { strides: dilations, dilations: strides, padding: cropped.padding, groups };
  return b.node("Transpose", [lowerConv(b, images, filters, options)], { perm: [1, 0, ...spatial] }); // [C/G,O,...K] → [O,C/G,...K]
}

/** The kernel [O,C/G,...K] as the one that maps outputs back to inputs: [C,O/G,...K], taps reversed. */
function flippedKernel(b: LoweringBuilder, kernel: Operand, groups: number): OnnxValue {
  const [outputs, perGroup, ...taps] = concreteShape(kernel.tensor.shape, "convInputGrad") as [number, number, ...number[]];
  const axes = taps.map((_, i) => i + 2).filter((axis) => taps[axis - 2]! > 1);
  const reversed = axes.length === 0 ? kernel.name : b.node("Slice", [
    kernel.name,
    b.int64s(axes.map(() => -1)),
    b.int64s(axes.map(() => -TO_THE_END)),
    b.int64s(axes),
    b.int64s(axes.map(() => -1)),
  ]);
  const spatial = taps.map((_, i) => i + 2);
  if (groups === 1) return b.node("Transpose", [reversed], { perm: [1, 0, ...spatial] });
  const split = b.node("Reshape", [reversed, b.int64s([groups, outputs / groups, perGroup, ...taps])]);
  const swapped = b.node("Transpose", [split], { perm: [0, 2, 1, ...spatial.map((axis) => axis + 1)] });
  return b.node("Reshape", [swapped, b.int64s([perGroup * groups, outputs / groups, ...taps])]);
}

/**
 * Conv takes no negative padding: x without those elements, and the padding that is left.
 * Undefined where nothing but padding remains, so that the result is zeros.
 */
function crop(
  b: LoweringBuilder,
  { name, tensor }: Operand,
  wanted: readonly Padding[],
): { name: OnnxValue; sizes: readonly number[]; padding: readonly Padding[] } | undefined {
  const before = concreteShape(tensor.shape.slice(2), "conv");
  const sizes = before.map((size, i) => size + Math.min(wanted[i]![0], 0) + Math.min(wanted[i]![1], 0));
  if (sizes.some((size) => size <= 0)) return undefined;
  const padding = wanted.map(([head, tail]): Padding => [Math.max(head, 0), Math.max(tail, 0)]);
  const axes = sizes.flatMap((size, i) => (size < before[i]! ? [i] : []));
  if (axes.length === 0) return { name, sizes, padding };
  const starts = axes.map((i) => Math.max(-wanted[i]![0], 0));
  const cut = [b.int64s(starts), b.int64s(axes.map((i, at) => starts[at]! + sizes[i]!)), b.int64s(axes.map((i) => i + 2))];
  return { name: b.node("Slice", [name, ...cut]), sizes, padding };
}

/** Sums over nothing are zeros, which ONNX Runtime's Conv refuses to say. */
function isEmpty(x: Tensor): boolean {
  return x.shape.includes(0);
}

function zeros(b: LoweringBuilder, z: { readonly shape: Shape; readonly dtype: Tensor["dtype"] }): OnnxValue {
  return b.node("Expand", [b.scalar(0, z.dtype), b.shape(z.shape)]);
}
