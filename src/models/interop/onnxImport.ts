import { NacreError, checkOptions, errorAt } from "../../error.js";
import { SymbolicTensor } from "../../layers/symbolic.js";
import { type ModelProto, type TensorProto, decodeModel, elementsOf, encodeModel } from "../../onnx/proto.js";
import { bytesPerElement } from "../../tensor/dtype.js";
import type { ImportOnnxOptions } from "../importOnnx.js";
import { Model } from "../model.js";
import { toBase64 } from "./base64.js";
import { type OnnxGraphConfig, WEIGHTS, graphOf, onnxGraph } from "./onnxLayer.js";
import { explained, withShapes } from "./onnxShapes.js";
import { findVariables } from "./onnxVariables.js";

/** Gives `length` bytes of another file from `offset` on; all the rest where `length` is undefined. */
type ReadPart = (location: string, offset: number, length: number | undefined) => Promise<Uint8Array>;

/** The model in an ONNX file. */
export async function importOnnxFile(path: string, options: ImportOnnxOptions): Promise<Model> {
  const { readFileBytes } = await import("../../files/disk.js");
  const { partReader } = await import("./onnxExternal.node.js");
  const bytes = await readFileBytes(path);
  try {
    return await importModel(bytes, options, partReader(path), true);
  } catch (error) {
    throw error instanceof NacreError && error.code === "BAD_FILE" ? errorAt(`${path}: ${error.where}`, error) : error;
  }
}

/** The model in the bytes of an ONNX file, which stay as they are. */
export async function importOnnxBytes(bytes: Uint8Array, options: ImportOnnxOptions): Promise<Model> {
  const parts = options.externalData ?? {};
  const read: ReadPart = (location, offset, length) => {
    const whole = Object.hasOwn(parts, location) ? parts[location] : undefined;
    if (whole === undefined) throw noPart(location, Object.keys(parts));
    return Promise.resolve(whole.subarray(offset, length === undefined ? undefined : offset + length));
  };
  return importModel(bytes, options, read, false);
}

function savedModel(): NacreError {
  return new NacreError({ code: "BAD_FILE", where: "ONNX model", expected: "an ONNX file", received: "a zip archive", fix: "load opens .nacre and .keras files" });
}

/** `owned`: whether nobody else reads the bytes, so that weights may be moved within them. */
async function importModel(bytes: Uint8Array, options: ImportOnnxOptions, read: ReadPart, owned: boolean): Promise<Model> {
  checkOptions("importOnnx", options, ["trainable", "name", "inputShapes", "externalData"]);
  try {
    return await build(bytes, options, read, owned);
  } catch (cause) {
    if (cause instanceof NacreError) throw cause;
    // No exporter writes such a file; a mistake of ours would be found by the tests.
    throw new NacreError({
      code: "BAD_FILE",
      where: "ONNX model",
      expected: "a graph of sensible nodes",
      received: cause instanceof Error ? cause.message : String(cause),
      fix: "run onnx.checker on the file; if it finds nothing, please report the file",
      cause,
    });
  }
}

async function build(bytes: Uint8Array, options: ImportOnnxOptions, read: ReadPart, owned: boolean): Promise<Model> {
  // "PK": a zip archive, as saved models are.
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) throw savedModel();
  const whole = await withExternalData(decodeModel(bytes), read);
  const model = { ...whole, graph: withShapes(whole.graph, options.inputShapes ?? {}) };
  const found = explained(model.graph, () => findVariables(model));
  const values = new Map<string, Float32Array>();
  const initializers = model.graph.initializers.map((tensor): TensorProto => {
    if (!found.names.has(tensor.name)) return tensor;
    values.set(tensor.name, floats(tensor, owned));
    return { ...tensor, data: new Uint8Array(0), external: { location: WEIGHTS, offset: 0, element: 1 } };
  });
  const trained = chosen(options.trainable, found.names, found.trainable);
  const skeleton: ModelProto = { ...model, graph: { ...model.graph, initializers } };
  const trainable = [...new Set([...found.trainable, ...trained])];
  const result = explained(model.graph, () => modelOf({ graph: toBase64(encodeModel(skeleton)), trained: trainable }, values, options.name));
  for (const variable of result.variables) variable.frozen = !trained.includes(variable.name);
  return result;
}

function modelOf(config: OnnxGraphConfig, values: Map<string, Float32Array>, name: string | undefined): Model {
  const layer = onnxGraph(config, "graph", values);
  const graph = graphOf(layer.config as OnnxGraphConfig);
  const inputs = graph.inputs.map((input) => new SymbolicTensor(input));
  const outputs = layer.callAll(inputs);
  const taken = new Set(graph.inputs.map((input) => input.name));
  const named = outputs.map((output, i): [string, SymbolicTensor] => {
    let port = graph.outputs[i]!.name;
    while (taken.has(port)) port += "_";
    taken.add(port);
    return [port, output];
  });
  const model = new Model({ inputs, outputs: Object.fromEntries(named), ...(name === undefined ? {} : { name }) });
  model.initialize();
  return model;
}

/** The variables that training changes: those that the user says, or all that look like weights. */
function chosen(wanted: ImportOnnxOptions["trainable"], names: ReadonlySet<string>, found: readonly string[]): readonly string[] {
  if (wanted === undefined) return found;
  if (typeof wanted === "function") return [...names].filter((name) => wanted(name, found.includes(name)));
  const missing = wanted.find((name) => !names.has(name));
  if (missing === undefined) return wanted;
  throw new NacreError({
    code: "UNKNOWN_NAME",
    where: "importOnnx trainable",
    expected: `names among ${[...names].join(", ")}`,
    received: `"${missing}"`,
  });
}

/** A stored tensor's elements, a view of the file where that is possible. */
function floats({ data }: TensorProto, owned: boolean): Float32Array {
  const shift = data.byteOffset % 4;
  if (shift === 0) return new Float32Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength / 4);
  if (!owned || data.byteLength < MOVED_BYTES) return new Float32Array(data.slice().buffer);
  // In front of the data stand its own tag and length, of at least 3 bytes, which have been read: no second copy of large files.
  const whole = new Uint8Array(data.buffer as ArrayBuffer);
  whole.copyWithin(data.byteOffset - shift, data.byteOffset, data.byteOffset + data.byteLength);
  return new Float32Array(data.buffer as ArrayBuffer, data.byteOffset - shift, data.byteLength / 4);
}

/** Lengths from here on take two bytes or more. */
const MOVED_BYTES = 128;

/** The model with all data in it. @throws BAD_FILE when another file is too short */
async function withExternalData(model: ModelProto, read: ReadPart): Promise<ModelProto> {
  const initializers: TensorProto[] = [];
  for (const tensor of model.graph.initializers) initializers.push(tensor.external === undefined ? tensor : await filled(tensor, read));
  return { ...model, graph: { ...model.graph, initializers } };
}

async function filled(tensor: TensorProto, read: ReadPart): Promise<TensorProto> {
  const { location, offset, length, element } = tensor.external!;
  const size = tensor.shape.reduce((product, dim) => product * dim, 1);
  const wanted = size * bytesPerElement(tensor.dtype);
  const data = elementsOf(await read(location, offset, length), element, size);
  if (data.length !== wanted) {
    throw new NacreError({
      code: "BAD_FILE",
      where: `ONNX tensor "${tensor.name}"`,
      expected: `${wanted} bytes in "${location}" from ${offset} on`,
      received: `${length ?? data.length}`,
      fix: "the files do not belong together; fetch both again",
    });
  }
  const { external: _external, ...rest } = tensor;
  return { ...rest, data };
}

function noPart(location: string, given: readonly string[]): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "importOnnx externalData",
    expected: `the bytes of "${location}", in which the model keeps weights`,
    received: given.length === 0 ? "none" : given.join(", "),
    fix: "pass the path of the model's file, or externalData: { name: bytes }",
  });
}
