import * as ort from "onnxruntime-node";
import type { Graph } from "../graph/graph.js";
import { emitModel } from "../onnx/emit.js";
import { decodeModel, encodeModel } from "../onnx/proto.js";
import { type TypedArray, arrayOf } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";

/** A value with the shape that it has in one run. */
export interface PlainValue {
  readonly data: TypedArray;
  readonly shape: readonly number[];
}

/**
 * Writes a graph as an ONNX file, reads it, writes it again and runs it on ONNX Runtime's public
 * Node binding with no part of our engine: what a user of an exported file gets.
 */
export async function plainRun(graph: Graph, feeds: readonly PlainValue[]): Promise<PlainValue[]> {
  const bytes = encodeModel(decodeModel(encodeModel(emitModel(graph))));
  const session = await ort.InferenceSession.create(bytes, {
    graphOptimizationLevel: "basic",
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const values = Object.fromEntries(graph.inputs.map((input, i) => [`i${i}`, portValue(input, feeds[i]!)]));
    const results = await session.run(values);
    return graph.outputs.map((output, i) => {
      const { data, dims } = results[`o${i}`]!;
      // uint8 and bool share one kind of array, which ONNX Runtime returns as it holds it.
      return { data: arrayOf(output.dtype, data as TypedArray), shape: dims };
    });
  } finally {
    await session.release();
  }
}

function portValue({ dtype }: Tensor, { data, shape }: PlainValue): ort.Tensor {
  return new ort.Tensor(dtype, data as Float32Array, shape);
}
