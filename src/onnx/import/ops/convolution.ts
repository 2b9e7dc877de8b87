import { convInputGrad, samePadding, type Padding } from "../../../ops/nn/conv.js";
import * as ops from "../../../ops/index.js";
import { concreteShape } from "../../../tensor/shape.js";
import { isFloat } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

/** How a window moves, as the attributes of convolutions and poolings say it. */
export interface WindowAttributes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: readonly Padding[];
}

/** The window of a convolution or pooling over spatial axes of these sizes. */
export function windowOf(call: Call, sizes: readonly number[], kernel: readonly number[]): WindowAttributes {
  const rank = sizes.length;
  const ones = sizes.map(() => 1);
  const strides = call.ints("strides") ?? ones;
  const dilations = call.ints("dilations") ?? ones;
  const pads = call.ints("pads") ?? [...sizes, ...sizes].map(() => 0);
  const lists = [strides, dilations, kernel].every((list) => list.length === rank && list.every((n) => n >= 1));
  if (!lists || pads.length !== 2 * rank) {
    throw call.broken(`kernel, strides, dilations and pads for ${rank} spatial axes`, JSON.stringify({ kernel, strides, dilations, pads }));
  }
  const auto = call.string("auto_pad", "NOTSET");
  const padding = sizes.map((size, i): Padding => {
    if (auto === "VALID") return [0, 0];
    if (auto === "NOTSET" || auto === "") return [pads[i]!, pads[rank + i]!];
    const [before, after] = samePadding(size, kernel[i]!, strides[i], dilations[i]);
    return auto === "SAME_LOWER" ? [after, before] : [before, after];
  });
  return { kernel, strides, dilations, padding };
}

export function spatialSizes(call: Call, x: Tensor): number[] {
  if (x.rank < 3) throw call.broken("an input of at least 3 axes", `${x.rank}`);
  return concreteShape(x.shape.slice(2), call.where);
}

/** y + a number for each channel. */
function plusBias(y: Tensor, bias: Tensor | undefined): Tensor {
  if (bias === undefined) return y;
  return ops.add(y, ops.reshape(bias, [1, -1, ...y.shape.slice(2).map(() => 1)]));
}

function conv(call: Call): Outputs {
  const [x, w] = [call.tensor(0), call.tensor(1)];
  if (!isFloat(x.dtype)) return undefined;
  const { strides, dilations, padding } = windowOf(call, spatialSizes(call, x), spatialSizes(call, w));
  // Negative padding cuts elements off.
  if (padding.flat().some((n) => n < 0)) return undefined;
  return plusBias(ops.conv(x, w, { strides, dilations, padding, groups: call.int("group", 1) }), call.optional(2));
}

/** The adjoint of a convolution; its weights are [in, out / group, …taps]. */
function convTranspose(call: Call): Outputs {
  const [x, w] = [call.tensor(0), call.tensor(1)];
  if (!isFloat(x.dtype)) return undefined;
  const sizes = spatialSizes(call, x);
  const kernel = spatialSizes(call, w);
  const ones = sizes.map(() => 1);
  const strides = call.ints("strides") ?? ones;
  const dilations = call.ints("dilations") ?? ones;
  const extra = call.ints("output_padding") ?? sizes.map(() => 0);
  const pads = call.ints("pads") ?? [...sizes, ...sizes].map(() => 0);
  const wanted = call.ints("output_shape")?.slice(-sizes.length);
  const auto = call.string("auto_pad", "NOTSET");
  const padding: Padding[] = [];
  const inputShape = sizes.map((size, i) => {
    const reach = (size - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 + extra[i]!;
    const given = wanted?.[i] ?? (auto.startsWith("SAME") ? size * strides[i]! : undefined);
    if (given === undefined) {
      padding.push(auto === "VALID" ? [0, 0] : [pads[i]!, pads[sizes.length + i]!]);
      return reach - padding[i]![0] - padding[i]![1];
    }
    const cut = Math.max(0, reach - given);
    const half = Math.floor(cut / 2);
    padding.push(auto === "SAME_UPPER" ? [half, cut - half] : [cut - half, half]);
    return given;
  });
  if (padding.flat().some((n) => n < 0) || inputShape.some((size) => size < 1)) return undefined;
  const group = call.int("group", 1);
  return plusBias(convInputGrad(x, w, { strides, dilations, padding, groups: group, inputShape }), call.optional(2));
}

export const convolution: Readonly<Record<string, Rule>> = { Conv: conv, ConvTranspose: convTranspose };
