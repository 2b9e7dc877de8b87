import { NacreError, checkOptions, isRecord, unknownName, wrongKind } from "../../error.js";
import { placeholder } from "../../graph/graph.js";
import type { Masked } from "../../layers/layer.js";
import type { ModelProto } from "../../onnx/proto.js";
import { isUnnamed } from "../../tensor/dim.js";
import type { TypedArray } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { ModelTrace } from "../../train/trace.js";
import type { Model } from "../model.js";
import { type ExportOptions, GRAPH_OPTIONS, type OnnxOptions } from "./options.js";
import { isDimensionName, withDimensions } from "./ports.js";
import { type Prepared, preparation } from "./prepare.js";
import { programProto } from "./program.js";
import { protoBytes, writeProto } from "./write.js";

/** A model as the bytes of an ONNX file. */
export async function exportBytes(model: Model, options: OnnxOptions): Promise<Uint8Array> {
  return protoBytes(`${model.where}.toOnnx`, await modelProto(`${model.where}.toOnnx`, model, options, []));
}

/** Writes a model as an ONNX file. */
export async function exportFile(model: Model, path: string, options: ExportOptions): Promise<void> {
  const where = `${model.where}.export`;
  if (typeof path !== "string") throw wrongKind(where, "a path", path);
  if (/\.(nacre|keras)$/i.test(path)) throw savesElsewhere(where, path);
  await writeProto(where, path, await modelProto(where, model, options, ["externalData"]), options);
}

/** A model as ONNX: its inference graph with weights inside. */
async function modelProto(where: string, model: Model, options: OnnxOptions, more: readonly string[]): Promise<ModelProto> {
  checkOptions(where, options, [...GRAPH_OPTIONS, "prepare", ...more]);
  model.initialize();
  if (model.states.length > 0) throw carriesStates(where);
  const prepared = preparations(where, model, options.prepare);
  const raw = prepared.map((each, i) => each?.input ?? model.inputs[i]!);
  const shapes = withDimensions(where, raw.map(({ shape }, i) => namedShape(shape, model.inputNames[i]!)), options.dimensions);
  const trace = new ModelTrace({ training: false });
  const inputs = raw.map(({ dtype }, i) => placeholder(shapes[i]!, dtype, model.inputNames[i]!));
  const seen = inputs.map((value, i): Masked => prepared[i]?.apply(trace, value) ?? { value });
  const outputs = model.call(trace, seen).map(({ value }) => value);
  const weights = new Map<Tensor, { name: string; data: TypedArray }>();
  // What was imported goes out with the names that it came with.
  const imported = model.layers.length === 1 && model.layers[0]!.className === "OnnxGraph";
  for (const [variable, value] of trace.values) {
    weights.set(value, { name: imported ? variable.name : model.pathOf(variable), data: await variable.read() });
  }
  const { name, inputNames, outputNames } = model;
  return programProto({ where, name, inputs, outputs, inputNames, outputNames, weights }, options);
}

/** Free axes without a name are called after their input, so that equal models are equal files. */
function namedShape(shape: Shape, input: string): Shape {
  const name = isDimensionName(input) ? input : "input";
  return shape.map((dim, axis) => (isUnnamed(dim) ? `${name}_${axis}` : dim));
}

/** What happens before each input; undefined where nothing does. */
function preparations(where: string, model: Model, wanted: OnnxOptions["prepare"] = {}): (Prepared | undefined)[] {
  if (!isRecord(wanted)) throw wrongKind(`${where}, option prepare`, "layers by the name of an input, as in { input: { layers: [layers.rescaling({ scale: 1 / 255 })] } }", wanted);
  const unknown = Object.keys(wanted).find((name) => !model.inputNames.includes(name));
  if (unknown !== undefined) throw unknownName(`${where}, option prepare`, "input", unknown, model.inputNames);
  return model.inputNames.map((name, i) => {
    const given = wanted[name];
    return given === undefined ? undefined : preparation(`${where}, option prepare "${name}"`, given, model.inputs[i]!.shape as Shape, name);
  });
}

function carriesStates(where: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where,
    expected: "layers whose output follows from the input",
    received: "stateful layers, which go on from batch to batch",
    fix: "build the model without stateful, with initialState as inputs and returnState for outputs, and load the weights into it",
  });
}

function savesElsewhere(where: string, path: string): NacreError {
  return new NacreError({ code: "UNSUPPORTED", where, expected: "a name for an ONNX file, such as model.onnx", received: `"${path}"`, fix: `save("${path}")` });
}
