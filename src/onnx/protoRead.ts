import { NacreError } from "../error.js";
import type { DType } from "../tensor/dtype.js";
import {
  ATTRIBUTE_TYPES,
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type OpsetImport,
  type ValueInfo,
  dtypeOfElementType,
} from "./protoModel.js";
import { checkRank, readTensor } from "./protoReadTensor.js";
import { WireReader } from "./protoWire.js";

/** Graphs within attributes within graphs: enough for every real file, and no stack overflow. */
const MAX_DEPTH = 16;

/** What a list in a file may hold: more than in real models, and little enough to be refused at once. */
const MAX_LIST = 200_000;

/** Adds to a list of what a file holds. Two bytes of a file make an object of hundreds. */
function add<T>(reader: WireReader, list: T[], item: T): void {
  if (list.length >= MAX_LIST) throw reader.bad(`at most ${MAX_LIST} parts of one kind`, "more");
  list.push(item);
}

/**
 * Reads an ONNX file; tensors are views of `bytes`.
 *
 * @throws BAD_FILE when the bytes are no whole ONNX model
 * @throws UNSUPPORTED when the model holds what Nacre does not run
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  // Plain, as a Buffer of Node's gives views where other arrays give copies.
  const reader = new WireReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), "ONNX model");
  let [irVersion, producerName, producerVersion] = [0, "", ""];
  let docString: string | undefined;
  let modelVersion: number | undefined;
  let graph: GraphProto | undefined;
  const opsetImports: OpsetImport[] = [];
  const metadata: [string, string][] = [];
  const functions: FunctionProto[] = [];
  reader.each(({ number }) => {
    if (number === 1) irVersion = reader.int();
    else if (number === 2) producerName = reader.string();
    else if (number === 3) producerVersion = reader.string();
    else if (number === 5) modelVersion = reader.int();
    else if (number === 6) docString = reader.string();
    else if (number === 7) graph = readGraph(oneGraph(reader, graph), 0);
    else if (number === 8) add(reader, opsetImports, readOpset(reader.message()));
    else if (number === 14) add(reader, metadata, readEntry(reader.message()));
    else if (number === 25) add(reader, functions, readFunction(reader.message("ONNX function")));
    else return false;
    return true;
  });
  if (graph === undefined) throw reader.bad("a graph", "none");
  return {
    irVersion,
    opsetImports,
    producerName,
    producerVersion,
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(docString === undefined ? {} : { docString }),
    metadata: Object.fromEntries(metadata),
    graph,
    ...(functions.length === 0 ? {} : { functions }),
  };
}

/** The bytes of the graph, of which there is one. */
function oneGraph(reader: WireReader, before: GraphProto | undefined): WireReader {
  if (before !== undefined) throw reader.bad("one graph", "a second one");
  return reader.message("ONNX graph");
}

function readFunction(reader: WireReader): FunctionProto {
  let [name, domain] = ["", ""];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const defaults: AttributeProto[] = [];
  const nodes: NodeProto[] = [];
  reader.each(({ number }) => {
    if (number === 1) name = reader.string();
    else if (number === 4) add(reader, inputs, reader.string());
    else if (number === 5) add(reader, outputs, reader.string());
    else if (number === 7) add(reader, nodes, readNode(reader.message("ONNX node"), 0));
    else if (number === 10) domain = reader.string();
    else if (number === 11) add(reader, defaults, readAttribute(reader.message("ONNX attribute"), 0));
    else return false;
    return true;
  });
  return { name, domain, inputs, outputs, defaults, nodes };
}

function readOpset(reader: WireReader): OpsetImport {
  let [domain, version] = ["", 0];
  reader.each(({ number }) => {
    if (number === 1) domain = reader.string();
    else if (number === 2) version = reader.int();
    else return false;
    return true;
  });
  return { domain, version };
}

function readEntry(reader: WireReader): [string, string] {
  let [key, value] = ["", ""];
  reader.each(({ number }) => {
    if (number === 1) key = reader.string();
    else if (number === 2) value = reader.string();
    else return false;
    return true;
  });
  return [key, value];
}

function readGraph(reader: WireReader, depth: number): GraphProto {
  if (depth > MAX_DEPTH) throw reader.bad(`graphs nested at most ${MAX_DEPTH} deep`, "deeper ones");
  let name = "";
  const nodes: NodeProto[] = [];
  const initializers: GraphProto["initializers"][number][] = [];
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  // Of some values in between a file says no more than the name.
  const values: (ValueInfo | undefined)[] = [];
  reader.each(({ number }) => {
    if (number === 1) add(reader, nodes, readNode(reader.message("ONNX node"), depth));
    else if (number === 2) name = reader.string();
    else if (number === 5) add(reader, initializers, readTensor(reader.message("ONNX tensor")));
    else if (number === 11) add(reader, inputs, readPort(reader.message("ONNX port"), depth));
    else if (number === 12) add(reader, outputs, readPort(reader.message("ONNX port"), depth));
    else if (number === 13) add(reader, values, readValueInfo(reader.message("ONNX value")).port);
    else if (number === 15) throw unsupported("ONNX graph", "dense stored tensors", "sparse ones");
    else return false;
    return true;
  });
  const typed = values.filter((value) => value !== undefined);
  return { name, nodes, initializers, inputs, outputs, ...(typed.length === 0 ? {} : { values: typed }) };
}

function readNode(reader: WireReader, depth: number): NodeProto {
  let [name, opType, domain] = ["", "", ""];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: AttributeProto[] = [];
  reader.each(({ number }) => {
    if (number === 1) add(reader, inputs, reader.string());
    else if (number === 2) add(reader, outputs, reader.string());
    else if (number === 3) name = reader.string();
    else if (number === 4) opType = reader.string();
    else if (number === 5) add(reader, attributes, readAttribute(reader.message("ONNX attribute"), depth));
    // The standard set has two spellings; one is enough for everybody who compares domains.
    else if (number === 7) domain = reader.string().replace(/^ai\.onnx$/, "");
    else return false;
    return true;
  });
  if (opType === "") throw reader.bad(`an operator in node "${name}"`, "none");
  return { name, opType, domain, inputs, outputs, attributes };
}

function readAttribute(reader: WireReader, depth: number): AttributeProto {
  let [name, type, float, int, string, reference] = ["", 0, 0, 0, "", ""];
  let tensor: GraphProto["initializers"][number] | undefined;
  let graph: GraphProto | undefined;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  reader.each(({ number, wire }) => {
    if (number === 1) name = reader.string();
    else if (number === 2) float = reader.float();
    else if (number === 3) int = reader.int();
    else if (number === 4) string = reader.string();
    else if (number === 5) tensor = readTensor(reader.message("ONNX tensor"));
    else if (number === 6) graph = readGraph(reader.message("ONNX graph"), depth + 1);
    else if (number === 7) reader.repeated(wire, (one) => one.float(), floats);
    else if (number === 8) reader.repeated(wire, (one) => one.int(), ints);
    else if (number === 9) add(reader, strings, reader.string());
    else if (number === 20) type = reader.int();
    else if (number === 21) reference = reader.string();
    else return false;
    return true;
  });
  if (reference !== "") return { name, type: "reference", value: reference };
  switch (type) {
    case ATTRIBUTE_TYPES.float:
      return { name, type: "float", value: float };
    case ATTRIBUTE_TYPES.int:
      return { name, type: "int", value: int };
    case ATTRIBUTE_TYPES.string:
      return { name, type: "string", value: string };
    case ATTRIBUTE_TYPES.floats:
      return { name, type: "floats", value: floats };
    case ATTRIBUTE_TYPES.ints:
      return { name, type: "ints", value: ints };
    case ATTRIBUTE_TYPES.strings:
      return { name, type: "strings", value: strings };
    case ATTRIBUTE_TYPES.tensor:
      if (tensor === undefined) break;
      return { name, type: "tensor", value: tensor };
    case ATTRIBUTE_TYPES.graph:
      if (graph === undefined) break;
      return { name, type: "graph", value: graph };
    default:
      throw unsupported(`ONNX attribute "${name}"`, `a type of ${Object.keys(ATTRIBUTE_TYPES).join(", ")}`, `type ${type}`);
  }
  throw reader.bad(`a value in attribute "${name}"`, "none");
}

/** An input or output, which must be a tensor; in a graph inside a node the file may leave its type open. */
function readPort(reader: WireReader, depth: number): ValueInfo {
  const { name, port } = readValueInfo(reader);
  if (port !== undefined) return port;
  if (depth > 0) return { name, dtype: "float32", shape: undefined, untyped: true };
  throw unsupported(`ONNX port "${name}"`, "a tensor of numbers or booleans", "another type");
}

function readValueInfo(reader: WireReader): { readonly name: string; readonly port: ValueInfo | undefined } {
  let name = "";
  let type: { dtype: DType; shape: (number | string | undefined)[] | undefined } | undefined;
  reader.each(({ number }) => {
    if (number === 1) name = reader.string();
    else if (number === 2) type = readType(reader.message());
    else return false;
    return true;
  });
  if (type === undefined) return { name, port: undefined };
  // A dimension without a name is free by itself, so each gets a name of its own.
  return { name, port: { name, dtype: type.dtype, shape: type.shape?.map((dim, axis) => dim ?? `${name}_${axis}`) } };
}

function readType(reader: WireReader): { dtype: DType; shape: (number | string | undefined)[] | undefined } | undefined {
  let type: ReturnType<typeof readType>;
  reader.each(({ number }) => {
    if (number !== 1) return false;
    const tensor = reader.message();
    let element = 0;
    let shape: (number | string | undefined)[] | undefined;
    tensor.each((field) => {
      if (field.number === 1) element = tensor.int();
      else if (field.number === 2) shape = readDims(tensor.message());
      else return false;
      return true;
    });
    const dtype = dtypeOfElementType(element);
    if (dtype !== undefined) type = { dtype, shape };
    return true;
  });
  return type;
}

function readDims(reader: WireReader): (number | string | undefined)[] {
  const dims: (number | string | undefined)[] = [];
  reader.each(({ number }) => {
    if (number !== 1) return false;
    const one = reader.message();
    let dim: number | string | undefined;
    one.each((field) => {
      if (field.number === 1) {
        const size = one.int();
        dim = size >= 0 ? size : undefined;
      } else if (field.number === 2) dim = one.string() || undefined;
      else return false;
      return true;
    });
    dims.push(dim);
    checkRank(reader, "a port", dims);
    return true;
  });
  return dims;
}

function unsupported(where: string, expected: string, received: string): NacreError {
  return new NacreError({ code: "UNSUPPORTED", where, expected, received });
}
