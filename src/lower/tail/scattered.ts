import { nodeOf } from "../../graph/node.js";
import { scatterAdd } from "../../ops/indexing/gather.js";
import { sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Operand } from "./tail.js";
import { LANE_BYTES } from "./kernel.js";

/** An array of zeros to which some rows are added: the gradient of an embedding, of which ONNX Runtime would write every row twice. */
export interface Scattered {
  readonly rows: number;
  /** Elements of a row. */
  readonly width: number;
  /** What is added, row after row, and the number of the row that each is added to. */
  readonly updates: Operand;
  readonly places: Operand;
}

/** Each program keeps such an array for itself: larger ones are left to ONNX Runtime. */
const MOST_ELEMENTS = 2 ** 24;

/** Both inputs of a node that scatters whole rows which are a multiple of a vector long; undefined for other values. */
export function scatterInputs(value: Tensor): { readonly updates: Tensor; readonly places: Tensor } | undefined {
  const node = nodeOf(value);
  if (node?.op !== scatterAdd || node.attrs["axis"] !== 0 || value.dtype !== "float32") return undefined;
  const [updates, places] = node.inputs as readonly [Tensor, Tensor];
  const fits = places.dtype === "int32" && (4 * widthOf(value)) % LANE_BYTES === 0 && sizeOf(value.shape, "gradient") <= MOST_ELEMENTS;
  return fits ? { updates, places } : undefined;
}

/** Elements of a row. */
export function widthOf({ shape }: Tensor): number {
  return sizeOf(shape.slice(1), "row");
}
