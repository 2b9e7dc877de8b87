import type { FrozenGraph } from "../graph/compiler.js";
import { type Graph, leavesOf } from "../graph/graph.js";
import { emitModel } from "../onnx/emit.js";
import { encodeModel } from "../onnx/proto.js";
import { evaluateDim } from "../tensor/dim.js";
import type { TypedArray } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Engine, Executable, PortSpec } from "./engine.js";

/** So many sizes of the free dimension keep their ports, the oldest going first. */
const SIZES_KEPT = 16;

let count = 0;

/** A program with values inside: one session for all sizes of the free dimension. */
export async function freezeGraph(
  engine: Engine,
  graph: Graph,
  values: ReadonlyMap<Tensor, TypedArray>,
  symbol: string,
): Promise<FrozenGraph> {
  const captured = leavesOf(graph);
  const stored = new Map(values);
  for (const leaf of captured) stored.set(leaf, await leaf.data());
  const initializers = new Map([...stored].map(([tensor, data], i) => [tensor, { name: `w${i}`, data }]));
  const model = encodeModel(emitModel({ ...graph, inputs: [...graph.inputs, ...captured] }, { initializers }));
  const frozen = `frozen ${count++}`;
  const portsOf = (prefix: string, tensors: readonly Tensor[], size: number): PortSpec[] =>
    tensors.flatMap((tensor, i) => {
      if (stored.has(tensor) && prefix === "i") return [];
      return [{ name: `${prefix}${i}`, dtype: tensor.dtype, shape: tensor.shape.map((dim) => evaluateDim(dim, { [symbol]: size })) }];
    });
  const executables = new Map<number, Executable>();
  const load = async (size: number): Promise<Executable> => {
    const inputs = portsOf("i", graph.inputs, size);
    const executable = await engine.load({ model, inputs, outputs: portsOf("o", graph.outputs, size), frozen });
    executables.get(size)?.dispose();
    executables.set(size, executable);
    const [oldest] = executables;
    if (executables.size > SIZES_KEPT && oldest !== undefined) {
      executables.delete(oldest[0]);
      oldest[1].dispose();
    }
    return executable;
  };
  await load(1);
  return {
    run: async (feeds, size) => (executables.get(size) ?? (await load(size))).run(feeds),
    dispose: () => executables.forEach((executable) => executable.dispose()),
  };
}
