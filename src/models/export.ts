import { checkOptions, NacreError } from "../error.js";
import { graphOf, leavesOf, placeholder } from "../graph/graph.js";
import { emitModel } from "../onnx/emit.js";
import { encodeModel } from "../onnx/proto.js";
import type { TypedArray } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import { ModelTrace } from "../train/trace.js";
import type { Model } from "./model.js";

/** What an exported file says of the model beside its graph. */
export interface ExportOptions {
  /** What the classes 0, 1, 2, … are called; stored as JSON under `class_names`. */
  readonly classNames?: readonly string[];
  /** How raw data becomes the input, in words or as data; stored as JSON under `preprocessing`. */
  readonly preprocessing?: string | Readonly<Record<string, unknown>>;
  /** Further entries of the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A model as ONNX: its inference graph with weights inside and a free batch dimension. */
export async function exportOnnx(model: Model, options: ExportOptions): Promise<Uint8Array> {
  checkOptions("export", options, ["classNames", "preprocessing", "metadata"]);
  model.initialize();
  if (model.states.length > 0) throw carriesStates(model);
  const trace = new ModelTrace({ training: false });
  const inputs = model.inputs.map((input, i) => placeholder(input.shape, input.dtype, model.inputNames[i]!));
  const outputs = model.call(trace, inputs.map((value) => ({ value }))).map(({ value }) => value);
  const initializers = new Map<Tensor, { name: string; data: TypedArray }>();
  const taken = new Set([...model.inputNames, ...model.outputNames]);
  const store = (value: Tensor, name: string, data: TypedArray): void => {
    let free = name;
    while (taken.has(free)) free += "_";
    taken.add(free);
    initializers.set(value, { name: free, data });
  };
  // What was imported goes out with the names that it came with.
  const imported = model.layers.length === 1 && model.layers[0]!.className === "OnnxGraph";
  for (const [variable, value] of trace.values) {
    store(value, imported ? variable.name : model.pathOf(variable), await variable.read());
  }
  const graph = graphOf([...inputs, ...initializers.keys()], outputs);
  const captured = leavesOf(graph);
  for (const [i, leaf] of captured.entries()) store(leaf, `constant_${i}`, await leaf.data());
  const proto = emitModel({ ...graph, inputs: [...graph.inputs, ...captured] }, {
    graphName: model.name,
    inputNames: model.inputNames,
    outputNames: model.outputNames,
    initializers,
    metadata: {
      ...options.metadata,
      ...(options.classNames === undefined ? {} : { class_names: JSON.stringify(options.classNames) }),
      ...(options.preprocessing === undefined ? {} : { preprocessing: JSON.stringify(options.preprocessing) }),
    },
  });
  return encodeModel(proto);
}

function carriesStates(model: Model): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `${model.where}.export`,
    expected: "layers whose output follows from the input",
    received: "stateful layers, which go on from batch to batch",
    fix: "build the model without stateful, with initialState as inputs and returnState for outputs, and load the weights into it",
  });
}
