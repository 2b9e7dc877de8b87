import { NacreError, checkOptions, unknownName } from "../../error.js";
import type { ModelProto, TensorProto, ValueInfo } from "../../onnx/proto.js";
import { argMax, topK } from "../../ops/indexing/index.js";
import { cast, greater } from "../../ops/elementwise/index.js";
import { reshape } from "../../ops/shape/index.js";
import { badOption } from "../../options.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GraphOptions } from "./options.js";
import type { Program } from "./program.js";

/** ONNX's number of the type of texts. */
const TEXT = 8;
const CLASS_NAMES = "label_names";

/** What a decoder adds to the outputs. */
export interface Labels {
  readonly names: readonly string[];
  readonly outputs: readonly Tensor[];
  /** Outputs of texts, which tensors here cannot be. */
  readonly texts: readonly string[];
}

/** The outputs that tell a class, as the options ask for them. */
export function labelOutputs(program: Program, options: GraphOptions): Labels {
  const { labels = false, classNames } = options;
  if (labels === false) return { names: [], outputs: [], texts: [] };
  const where = `${program.where}, option labels`;
  const settings = labels === true ? {} : labels;
  checkOptions(where, settings, ["output", "top", "threshold"]);
  const { top, threshold } = settings;
  const scores = chosenOutput(program, where, settings.output);
  const size = scores.shape.at(-1);
  if (scores.dtype !== "float32" || scores.rank < 2 || typeof size !== "number") {
    throw new NacreError({
      code: "SHAPE_MISMATCH",
      where,
      expected: "an output with a float32 for each class on its last axis",
      received: `${scores.dtype} [${scores.shape.join(", ")}]`,
      fix: "choose another output with labels: { output }",
    });
  }
  const classes = size === 1 ? 2 : size;
  if (classNames !== undefined && classNames.length !== classes) throw badOption(program.where, "classNames", `${classes} names`, classNames);
  if (top !== undefined && (size === 1 || !Number.isInteger(top) || top < 1 || top > size)) {
    throw badOption(where, "top", size === 1 ? "nothing, as the output is one number" : `a whole number from 1 to ${size}`, top);
  }
  if (threshold !== undefined && size !== 1) throw badOption(where, "threshold", "nothing, as the output has a number for each class", threshold);
  const texts = classNames === undefined ? [] : ["label"];
  if (top !== undefined) {
    const [values, indices] = topK(scores, top);
    return { names: ["label_index", "label_score"], outputs: [cast(indices, "int64"), values], texts };
  }
  const index = size === 1 ? reshape(greater(scores, threshold ?? 0.5), scores.shape.slice(0, -1)) : argMax(scores);
  return { names: ["label_index"], outputs: [cast(index, "int64")], texts };
}

/** Looks the names of classes up, in the file's graph: with texts as stored tensor and output. */
export function addLabelNames(model: ModelProto, labels: Labels, { classNames = [] }: GraphOptions): ModelProto {
  if (labels.texts.length === 0) return model;
  const { graph } = model;
  const [label, index] = [labels.texts[0]!, labels.names[0]!];
  const table: TensorProto = { name: unused(CLASS_NAMES, graph.initializers), dtype: "uint8", element: TEXT, shape: [classNames.length], data: new Uint8Array(0), texts: classNames };
  const { shape } = graph.outputs.find(({ name }) => name === index)!;
  const output: ValueInfo = { name: label, dtype: "uint8", element: TEXT, shape };
  const lookUp = { name: label, opType: "Gather", domain: "", inputs: [table.name, index], outputs: [label], attributes: [{ name: "axis", type: "int", value: 0 }] } as const;
  return { ...model, graph: { ...graph, nodes: [...graph.nodes, lookUp], initializers: [...graph.initializers, table], outputs: [...graph.outputs, output] } };
}

function chosenOutput({ outputs, outputNames }: Program, where: string, wanted: string | undefined): Tensor {
  if (wanted === undefined && outputs.length === 1) return outputs[0]!;
  const at = outputNames.indexOf(wanted ?? "");
  if (at >= 0) return outputs[at]!;
  throw unknownName(where, "output", wanted ?? "none", outputNames);
}

function unused(name: string, taken: readonly { readonly name: string }[]): string {
  return taken.some((each) => each.name === name) ? unused(`${name}_`, taken) : name;
}
