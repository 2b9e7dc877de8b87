import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { normalizeAxis, symbolicSize } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { reshape } from "../shape/reshape.js";
import { matmul } from "./matmul.js";

/**
 * A linear map along one axis: y[…,m,…] = Σₙ matrix[m,n] · x[…,n,…]. Interpolation, moving
 * averages and discrete Fourier transforms are such maps.
 *
 * @shape [A,N,B], [M,N] → [A,M,B] for axis 1
 * @example
 * console.log(await ops.mapAxis([1, 2], [[1, 0], [0, 1], [1, 1]]).toArray()); // [1, 2, 3]
 */
export function mapAxis(x: TensorLike, matrix: TensorLike, axis = -1): Tensor {
  const [value, map] = [toTensor(x), toTensor(matrix)];
  const at = normalizeAxis(axis, value.rank, "mapAxis");
  const size = value.shape[at]!;
  if (map.rank !== 2 || map.shape[1] !== size) throw shapeError("mapAxis", `a matrix [M, ${size}]`, [map.shape]);
  const [before, after] = [value.shape.slice(0, at), value.shape.slice(at + 1)];
  const target = [...before, map.shape[0]!, ...after];
  if (after.length === 0) return matmul(value, map, { transposeB: true });
  const lifted = reshape(value, [symbolicSize(before), size, symbolicSize(after)]); // [A,N,B]
  return reshape(matmul(map, lifted), target);
}
