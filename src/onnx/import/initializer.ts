import { type TypedArray, bytesPerElement, viewBytes } from "../../tensor/dtype.js";
import type { TensorProto } from "../proto.js";

/** The elements of a stored tensor: a view of the file where it lies well in memory, else a copy. */
export function arrayFrom({ dtype, data }: TensorProto): TypedArray {
  const size = bytesPerElement(dtype);
  const bytes = data.byteOffset % size === 0 ? data : data.slice();
  return viewBytes(dtype, bytes.buffer, bytes.byteOffset, bytes.byteLength / size);
}
