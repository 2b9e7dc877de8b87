import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { Tensor } from "../../tensor/tensor.js";
import { shapeError } from "../../graph/node.js";
import { addDims } from "../../tensor/dim.js";
import { slice } from "./slice.js";

/** How many elements are put before and after each axis. */
export type Paddings = readonly (readonly [before: number, after: number])[];

/**
 * x with `value` around it.
 *
 * @shape [N] → [before + N + after]
 * @source ONNX Pad
 * @example
 * console.log(await ops.pad([1, 2], [[1, 2]]).toArray()); // [0, 1, 2, 0, 0]
 */
export const pad: OpOf<(x: TensorLike, paddings: Paddings, value?: number) => Tensor> = defineOp({
  name: "pad",
  call: (apply: Apply<{ paddings: Paddings; value: number }>) => (x, paddings, value = 0) => {
    const tensor = toTensor(x);
    const none = paddings.every(([before, after]) => before === 0 && after === 0);
    return none ? tensor : apply([tensor], { paddings, value })[0];
  },
  infer: ([x], { paddings }) => {
    if (paddings.length !== x.rank || paddings.flat().some((n) => n < 0)) {
      throw shapeError("pad", `${paddings.length} axes and paddings of at least 0`, [x.shape]);
    }
    const shape = x.shape.map((dim, i) => addDims(dim, paddings[i]![0] + paddings[i]![1]));
    return { shape, dtype: x.dtype };
  },
  grad: ({ inputs: [x], attrs: { paddings } }, [g]) => [
    slice(g!, paddings.map(([before]) => before), paddings.map(([before], i) => addDims(x.shape[i]!, before))),
  ],
  lower: (b, [x], { attrs: { paddings, value }, inputs }) => {
    const pads = b.int64s([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
    return b.node("Pad", [x, pads, b.scalar(value, inputs[0].dtype)], { mode: "constant" });
  },
});
