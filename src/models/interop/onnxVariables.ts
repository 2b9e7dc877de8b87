import { placeholder } from "../../graph/graph.js";
import { withinAllowance } from "../../graph/node.js";
import { NotConstant } from "../../onnx/import/call.js";
import { type ImportedGraph, prepare } from "../../onnx/import/prepare.js";
import { Probe } from "../../onnx/import/probe.js";
import { Run } from "../../onnx/import/run.js";
import type { ModelProto, TensorProto } from "../../onnx/proto.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Which stored tensors are variables, and which of these training changes. */
export interface Variables {
  readonly names: ReadonlySet<string>;
  readonly trainable: readonly string[];
}

/** Building a graph may take as much as a model of unrolled recurrent layers does. */
const MAX_NODES = 400_000;

/** Names of running statistics, for files in which normalization is written out in parts. */
const STATISTIC = /(moving|running)_(mean|var|variance)$/;

/** Names of constants in our own exports. */
const OWN_CONSTANT = /^(v|constant_)\d+_*$/;

/** Names that exporters give to numbers without a name of their own. */
const GENERATED = /[/:]|^(val|const|scalar|onnx|_?inl)|constant/i;

/**
 * The variables of a model: every float32 tensor that it stores, but for numbers (tensors without
 * axes) whose name an exporter made up, and for those whose values decide shapes or options, such as
 * the scales of a resize. Trainable are those whose elements are all finite and that are no running
 * statistics.
 */
export function findVariables(model: ModelProto): Variables {
  const own = model.producerName === "nacre";
  const candidates = new Map(model.graph.initializers.filter((tensor) => isCandidate(tensor, own)).map((tensor) => [tensor.name, tensor]));
  for (;;) {
    const statistics = new Set<string>();
    const graph = prepare(model, new Set(candidates.keys()));
    const structural = withinAllowance(MAX_NODES, () => structuralWeights(graph, statistics));
    if (structural === undefined) {
      const trainable = [...candidates.values()].filter((tensor) => !statistics.has(tensor.name) && !STATISTIC.test(tensor.name) && isFinite(tensor));
      return { names: new Set(candidates.keys()), trainable: trainable.map(({ name }) => name) };
    }
    for (const name of structural) candidates.delete(name);
  }
}

function isCandidate({ dtype, shape, name }: TensorProto, own: boolean): boolean {
  if (own && OWN_CONSTANT.test(name)) return false;
  return dtype === "float32" && (shape.length > 0 || !GENERATED.test(name));
}

/** Builds the graph once, and gives stored tensors whose values had to be known for that; undefined where none had. */
function structuralWeights(graph: ImportedGraph, statistics: Set<string>): readonly string[] | undefined {
  const weight = (name: string): Tensor => placeholder(graph.stored.get(name)!.shape, "float32", name);
  const inputs = graph.inputs.map(({ name, dtype, shape }) => placeholder(shape, dtype, name));
  const probe = new Probe(graph, inputs, weight);
  const run = new Run(graph, {
    training: false,
    weight,
    key: () => placeholder([2], "uint32", "key"),
    update: () => {},
    statistic: (name) => statistics.add(name),
    found: (name) => probe.find(name),
  });
  try {
    run.execute(inputs);
    return undefined;
  } catch (error) {
    const names = error instanceof NotConstant ? run.weightsOf(error.value) : undefined;
    if (names === undefined) throw error;
    return names;
  }
}

/** Masks hold infinities; weights do not. */
function isFinite({ data, shape }: TensorProto): boolean {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let i = 0; i < size; i++) if (!Number.isFinite(view.getFloat32(i * 4, true))) return false;
  return true;
}
