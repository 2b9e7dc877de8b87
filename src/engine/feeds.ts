import { NacreError } from "../error.js";
import { type TypedArray, dtypeOfArray, isTypedArray } from "../tensor/dtype.js";
import type { Feed, PortSpec, Program } from "./engine.js";

/** Refuses feeds that do not fit the inputs of a program. */
export function checkFeeds(program: Pick<Program, "inputs">, feeds: readonly Feed[]): void {
  if (feeds.length !== program.inputs.length) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: "program",
      expected: `${program.inputs.length} inputs`,
      received: `${feeds.length}`,
    });
  }
  program.inputs.forEach((port, i) => checkFeed(port, feeds[i]!));
}

/** Refuses host data that does not fill a tensor of this dtype and shape. */
export function checkHostData(port: PortSpec, data: TypedArray): void {
  const dtype = dtypeOfArray(data);
  // Booleans have no array of their own.
  const fits = dtype === port.dtype || (dtype === "uint8" && port.dtype === "bool");
  const length = port.shape.reduce((product, dim) => product * dim, 1);
  if (!fits) throw mismatch("DTYPE_MISMATCH", port, `a ${data.constructor.name}`);
  if (data.length !== length) throw mismatch("SHAPE_MISMATCH", port, `${data.length} numbers instead of ${length}`);
}

function checkFeed(port: PortSpec, feed: Feed): void {
  if (isTypedArray(feed)) {
    checkHostData(port, feed);
    return;
  }
  const received = `${feed.dtype}[${feed.shape.join(", ")}]`;
  if (feed.dtype !== port.dtype) throw mismatch("DTYPE_MISMATCH", port, received);
  if (feed.shape.length !== port.shape.length || feed.shape.some((dim, axis) => dim !== port.shape[axis])) {
    throw mismatch("SHAPE_MISMATCH", port, received);
  }
}

function mismatch(code: "DTYPE_MISMATCH" | "SHAPE_MISMATCH", port: PortSpec, received: string): NacreError {
  return new NacreError({
    code,
    where: `program input "${port.name}"`,
    expected: `${port.dtype}[${port.shape.join(", ")}]`,
    received,
  });
}
