import * as ort from "onnxruntime-node";
import type { Graph } from "../graph/graph.js";
import { emitModel } from "../onnx/emit.js";
import { decodeModel, encodeModel } from "../onnx/proto.js";
import { type DType, type TypedArray, arrayOf } from "../tensor/dtype.js";

/** A value with the shape that it has in one run. */
export interface PlainValue {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export type PlainFunction = (feeds: readonly PlainValue[]) => Promise<PlainValue[]>;

/**
 * Writes a graph as an ONNX file, reads it, writes it again and gives `use` a function that runs
 * it on ONNX Runtime's public Node binding, with no part of our engine: what a user of an
 * exported file gets.
 */
export async function withPlainSession<T>(graph: Graph, use: (run: PlainFunction) => Promise<T>): Promise<T> {
  const bytes = encodeModel(decodeModel(encodeModel(emitModel(graph))));
  const session = await ort.InferenceSession.create(bytes, {
    graphOptimizationLevel: "basic",
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    return await use(async (feeds) => {
      const values = feeds.map(({ data, shape, dtype }, i) => [`i${i}`, new ort.Tensor(dtype, data as Float32Array, shape)]);
      const results = await session.run(Object.fromEntries(values) as ort.InferenceSession.FeedsType);
      return graph.outputs.map((_, i) => {
        const { data, dims, type } = results[`o${i}`]!;
        return { data: arrayOf(type as DType, data as TypedArray), shape: dims, dtype: type as DType };
      });
    });
  } finally {
    await session.release();
  }
}

/** Runs a graph once, by {@link withPlainSession}. */
export function plainRun(graph: Graph, feeds: readonly PlainValue[]): Promise<PlainValue[]> {
  return withPlainSession(graph, (run) => run(feeds));
}
