import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { concreteDim } from "../../tensor/dim.js";
import { arrayOf, isFloat, limitsOf } from "../../tensor/dtype.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkTable } from "../checkTable.js";
import { clip } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { constant } from "../elementwise/literal.js";
import { round } from "../elementwise/unary.js";
import { gather } from "../indexing/gather.js";
import { mapAxis } from "../matrix/mapAxis.js";
import { repeat } from "../shape/repeat.js";
import { type Coordinates, type Kernel, interpolationMatrix, nearestIndices } from "./interpolation.js";

/** How {@link resize} finds new elements. */
export interface ResizeOptions {
  /** Axes that get a new size, one for each. Default: the last ones. */
  readonly axes?: readonly number[];
  /** Default "bilinear". */
  readonly method?: "nearest" | Kernel;
  /**
   * Which places of the two lattices agree: "halfPixel" lets the borders of the images agree,
   * "alignCorners" the centres of the outermost elements, "asymmetric" the centre of the first.
   * Default "halfPixel".
   */
  readonly coordinates?: Coordinates;
  /** Whether shrinking averages over all elements that fall together; not for "nearest". Default false. */
  readonly antialias?: boolean;
}

/**
 * x with other sizes along some axes, interpolated axis by axis: by constant matrices, whose
 * transposes carry the gradient. Whole numbers stay whole, rounded.
 *
 * @shape [B,C,H,W] → [B,C,...sizes] for two sizes
 * @example
 * const images = ops.ones([8, 32, 32, 3]);
 * console.log(ops.resize(images, [64, 48], { axes: [1, 2] }).shape); // [8, 64, 48, 3]
 */
export function resize(x: TensorLike, sizes: readonly number[], options: ResizeOptions = {}): Tensor {
  const value = toTensor(x);
  const { method = "bilinear", coordinates = "halfPixel", antialias = false } = options;
  const axes = (options.axes ?? sizes.map((_, i) => i - sizes.length)).map((axis) => normalizeAxis(axis, value.rank, "resize"));
  if (axes.length !== sizes.length || sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    throw shapeError("resize", `a size of at least 1 for each of ${axes.length} axes`, [value.shape, sizes]);
  }
  const from = axes.map((axis) => concreteDim(value.shape[axis]!, "resize"));
  if (method !== "nearest" && !isFloat(value.dtype)) {
    // As Keras does with whole numbers: rounded, and those beyond what the dtype holds cut off.
    const [low, high] = limitsOf(value.dtype);
    return cast(clip(round(resize(cast(value, "float32"), sizes, { ...options, axes })), low, high), value.dtype);
  }
  if (method !== "nearest") {
    return axes.reduce((y, axis, i) => {
      if (from[i] === sizes[i]) return y;
      checkTable("resize", from[i]! * sizes[i]!);
      const matrix = interpolationMatrix(method, from[i]!, sizes[i]!, coordinates, antialias);
      return mapAxis(y, constant(arrayOf(y.dtype, matrix), [sizes[i]!, from[i]!], y.dtype), axis);
    }, value);
  }
  // Both lattices put whole copies of an element side by side, which is the faster form.
  if (coordinates !== "alignCorners" && sizes.every((size, i) => size % from[i]! === 0)) {
    return repeat(value, sizes.map((size, i) => size / from[i]!), axes);
  }
  return axes.reduce((y, axis, i) => {
    if (from[i] === sizes[i]) return y;
    checkTable("resize", sizes[i]!);
    const indices = nearestIndices(from[i]!, sizes[i]!, coordinates);
    return gather(y, constant(Int32Array.from(indices), [sizes[i]!], "int32"), axis);
  }, value);
}
