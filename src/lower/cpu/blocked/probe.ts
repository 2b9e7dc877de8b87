import { type Graph, trace } from "../../../graph/graph.js";
import { blockOp } from "./layout.js";

/** More channels than any known processor puts into one block. */
const CHANNELS = 64;
const LEAST_BLOCK = 4;

/** A program whose result shows how many channels this machine puts into a block, and the image that it takes. */
export function probeBlocks(): { readonly graph: Graph; readonly image: Float32Array } {
  const graph = trace(([x]) => [blockOp(x!, CHANNELS)], [{ shape: [1, CHANNELS, 1, 2], dtype: "float32", name: "image" }]);
  return { graph, image: Float32Array.from({ length: 2 * CHANNELS }, (_, i) => i) };
}

/** The size of a block by the probe's result; undefined where the result makes no sense. */
export function blockSize(result: ArrayLike<number>): number | undefined {
  // After the first block's channels of the left pixel comes channel 0 of the right one.
  const size = Array.from(result).indexOf(1);
  if (size < LEAST_BLOCK || CHANNELS % size !== 0) return undefined;
  const expected = (place: number): number => {
    const [block, pixel, channel] = [Math.floor(place / (2 * size)), Math.floor(place / size) % 2, place % size];
    return 2 * (block * size + channel) + pixel;
  };
  return Array.from(result).every((value, place) => value === expected(place)) ? size : undefined;
}
