import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { concreteShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { sameDType } from "../elementwise/binaryOp.js";
import { type ConvAttrs, type ConvOptions, checkChannels, convAttrs, spatialOf, windowCounts } from "./convGeometry.js";
export { type ConvOptions, type Padding, samePadding, validPadding } from "./convGeometry.js";
import { lowerConv, lowerInputGrad, lowerKernelGrad } from "./convLowering.js";

// Each of the three products below is linear in both operands, and the others are its adjoints.

/**
 * The convolution (correlation, as everywhere in deep learning) over any number of spatial axes:
 * y[b,o,i] = Σ_{c,t} x[b, c, i·stride + t·dilation − before] · kernel[o,c,t].
 *
 * @shape [B,C,...S], [O,C/groups,...K] → [B,O,...⌊(before + S + after − (K−1)·dilation − 1) / stride⌋ + 1]
 * @source ONNX Conv
 * @example
 * console.log(await ops.conv([[[1, 2, 3]]], [[[1, 10]]]).toArray()); // [[[21, 32]]]
 */
export const conv: OpOf<(x: TensorLike, kernel: TensorLike, options?: ConvOptions) => Tensor> = defineOp({
  name: "conv",
  call: (apply: Apply<ConvAttrs>) => (x, kernel, options = {}) => {
    const [value, weights] = [toTensor(x), toTensor(kernel)];
    return apply([value, weights], convAttrs("conv", options, value.rank - 2))[0];
  },
  infer: ([x, kernel], attrs) => {
    checkOperands("conv", x, kernel);
    checkChannels("conv", x.shape[1]!, kernel.shape, attrs.groups);
    const counts = windowCounts("conv", x.shape.slice(2), spatialOf(kernel, "conv"), attrs);
    return { shape: [x.shape[0]!, kernel.shape[0]!, ...counts], dtype: x.dtype };
  },
  grad: ({ inputs: [x, kernel], attrs, needed }, [g]) => [
    needed[0] ? convInputGrad(g!, kernel, { ...attrs, inputShape: spatialOf(x, "conv") }) : null,
    needed[1] ? convKernelGrad(x, g!, { ...attrs, kernelShape: spatialOf(kernel, "conv") }) : null,
  ],
  lower: (b, [x, kernel], { attrs }) => lowerConv(b, x, kernel, attrs),
});

type InputGradAttrs = ConvAttrs & { readonly inputShape: readonly number[] };

/**
 * The adjoint of {@link conv} in x, also known as transposed convolution:
 * z[b, c, i·stride + t·dilation − before] += g[b,o,i] · kernel[o,c,t].
 * `inputShape` gives the spatial sizes of z.
 *
 * @shape [B,O,...I], [O,C/groups,...K] → [B,C,...S]
 * @source ONNX ConvTranspose; for stride 1 Conv with the kernel flipped, which is faster
 * @example
 * console.log(await ops.convInputGrad([[[1, 1]]], [[[1, 10]]], { inputShape: [3], padding: [[0, 0]] }).toArray()); // [[[1, 11, 10]]]
 */
export const convInputGrad: OpOf<
  (g: TensorLike, kernel: TensorLike, options: ConvOptions & { readonly inputShape: readonly number[] }) => Tensor
> = defineOp({
  name: "convInputGrad",
  call: (apply: Apply<InputGradAttrs>) => (g, kernel, options) => {
    const [value, weights] = [toTensor(g), toTensor(kernel)];
    const attrs = convAttrs("convInputGrad", options, value.rank - 2);
    return apply([value, weights], { ...attrs, inputShape: options.inputShape })[0];
  },
  infer: ([g, kernel], attrs) => {
    const channels = Number(kernel.shape[1]) * attrs.groups;
    checkOperands("convInputGrad", g, kernel);
    checkChannels("convInputGrad", channels, kernel.shape, attrs.groups);
    checkWindows("convInputGrad", g, kernel, attrs.inputShape, spatialOf(kernel, "convInputGrad"), attrs);
    return { shape: [g.shape[0]!, channels, ...attrs.inputShape], dtype: g.dtype };
  },
  grad: ({ inputs: [g, kernel], attrs, needed }, [h]) => [
    needed[0] ? conv(h!, kernel, attrs) : null,
    needed[1] ? convKernelGrad(h!, g, { ...attrs, kernelShape: spatialOf(kernel, "convInputGrad") }) : null,
  ],
  lower: (b, [g, kernel], { inputs, outputs: [z], attrs }) =>
    lowerInputGrad(b, { name: g, tensor: inputs[0] }, { name: kernel, tensor: inputs[1] }, z, attrs),
});

type KernelGradAttrs = ConvAttrs & { readonly kernelShape: readonly number[] };

/**
 * The adjoint of {@link conv} in the kernel:
 * w[o,c,t] = Σ_{b,i} x[b, c, i·stride + t·dilation − before] · g[b,o,i].
 * `kernelShape` gives the spatial sizes of w.
 *
 * @shape [B,C,...S], [B,O,...I] → [O,C/groups,...K]
 * @source ONNX Conv with batch and channels swapped, and strides and dilations swapped
 * @example
 * console.log(await ops.convKernelGrad([[[1, 2, 3]]], [[[1, 1]]], { kernelShape: [2], padding: [[0, 0]] }).toArray()); // [[[3, 5]]]
 */
export const convKernelGrad: OpOf<
  (x: TensorLike, g: TensorLike, options: ConvOptions & { readonly kernelShape: readonly number[] }) => Tensor
> = defineOp({
  name: "convKernelGrad",
  call: (apply: Apply<KernelGradAttrs>) => (x, g, options) => {
    const [value, cotangent] = [toTensor(x), toTensor(g)];
    const attrs = convAttrs("convKernelGrad", options, value.rank - 2);
    return apply([value, cotangent], { ...attrs, kernelShape: options.kernelShape })[0];
  },
  infer: ([x, g], attrs) => {
    checkOperands("convKernelGrad", x, g);
    const [channels, outputs] = concreteShape([x.shape[1]!, g.shape[1]!], "convKernelGrad") as [number, number];
    const shape = [outputs, channels / attrs.groups, ...attrs.kernelShape];
    checkChannels("convKernelGrad", channels, shape, attrs.groups);
    checkWindows("convKernelGrad", g, x, spatialOf(x, "convKernelGrad"), attrs.kernelShape, attrs);
    if (x.shape[0] !== g.shape[0]) throw shapeError("convKernelGrad", "one batch size", [x.shape, g.shape]);
    return { shape, dtype: x.dtype };
  },
  grad: ({ inputs: [x, g], attrs, needed }, [h]) => [
    needed[0] ? convInputGrad(g, h!, { ...attrs, inputShape: spatialOf(x, "convKernelGrad") }) : null,
    needed[1] ? conv(x, h!, attrs) : null,
  ],
  lower: (b, [x, g], { inputs, outputs: [w], attrs }) =>
    lowerKernelGrad(b, { name: x, tensor: inputs[0] }, { name: g, tensor: inputs[1] }, w, attrs),
});

function checkOperands(op: string, x: Tensor, y: Tensor): void {
  sameDType(op, x, y);
  if (x.dtype !== "float32") {
    throw shapeError(op, `float32 operands, not ${x.dtype}`, [x.shape, y.shape], 'cast them: x.cast("float32")');
  }
  if (x.rank !== y.rank) throw shapeError(op, "both operands of one rank", [x.shape, y.shape]);
}

/** Refuses a cotangent that is not of the shape that the convolution would have given. */
function checkWindows(
  op: string,
  g: Tensor,
  other: Tensor,
  sizes: readonly number[],
  kernel: readonly number[],
  attrs: ConvAttrs,
): void {
  const counts = windowCounts(op, sizes, kernel, attrs);
  if (sameShape(spatialOf(g, op), counts)) return;
  throw shapeError(op, `a cotangent with spatial sizes [${counts.join(", ")}]`, [g.shape, other.shape]);
}
