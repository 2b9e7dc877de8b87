import {
  ATTRIBUTE_TYPES,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfo,
  elementType,
} from "./protoModel.js";
import { WireWriter } from "./protoWire.js";

/** The bytes of an ONNX file; the data of tensors is copied once. */
export function encodeModel(model: ModelProto): Uint8Array {
  const out = new WireWriter();
  out.int(1, model.irVersion);
  out.string(2, model.producerName);
  out.string(3, model.producerVersion);
  if (model.modelVersion !== undefined) out.int(5, model.modelVersion);
  if (model.docString !== undefined) out.string(6, model.docString);
  out.message(7, writeGraph, model.graph);
  for (const opset of model.opsetImports) {
    out.message(8, (inner, { domain, version }) => {
      inner.string(1, domain);
      inner.int(2, version);
    }, opset);
  }
  for (const entry of Object.entries(model.metadata)) {
    out.message(14, writeEntry, entry);
  }
  return out.finish();
}

function writeEntry(out: WireWriter, [key, value]: readonly [string, string | number | undefined]): void {
  out.string(1, key);
  out.string(2, String(value));
}

function writeGraph(out: WireWriter, graph: GraphProto): void {
  for (const node of graph.nodes) out.message(1, writeNode, node);
  out.string(2, graph.name);
  for (const tensor of graph.initializers) out.message(5, writeTensor, tensor);
  for (const input of graph.inputs) out.message(11, writeValueInfo, input);
  for (const output of graph.outputs) out.message(12, writeValueInfo, output);
  for (const value of graph.values ?? []) out.message(13, writeValueInfo, value);
}

function writeNode(out: WireWriter, node: NodeProto): void {
  for (const input of node.inputs) out.string(1, input);
  for (const output of node.outputs) out.string(2, output);
  if (node.name !== "") out.string(3, node.name);
  out.string(4, node.opType);
  for (const attribute of node.attributes) out.message(5, writeAttribute, attribute);
  if (node.domain !== "") out.string(7, node.domain);
}

function writeAttribute(out: WireWriter, attribute: AttributeProto): void {
  out.string(1, attribute.name);
  switch (attribute.type) {
    case "float":
      out.float(2, attribute.value);
      break;
    case "int":
      out.int(3, attribute.value);
      break;
    case "string":
      out.string(4, attribute.value);
      break;
    case "tensor":
      out.message(5, writeTensor, attribute.value);
      break;
    case "graph":
      out.message(6, writeGraph, attribute.value);
      break;
    case "floats":
      for (const value of attribute.value) out.float(7, value);
      break;
    case "ints":
      for (const value of attribute.value) out.int(8, value);
      break;
    case "strings":
      for (const value of attribute.value) out.string(9, value);
      break;
    case "reference":
      out.string(21, attribute.value);
      return;
  }
  out.int(20, ATTRIBUTE_TYPES[attribute.type]);
}

function writeTensor(out: WireWriter, tensor: TensorProto): void {
  for (const dim of tensor.shape) out.int(1, dim);
  out.int(2, tensor.element ?? elementType(tensor.dtype));
  if (tensor.name !== "") out.string(8, tensor.name);
  for (const text of tensor.texts ?? []) out.string(6, text);
  if (tensor.texts !== undefined) return;
  if (tensor.external === undefined) {
    out.bytes(9, tensor.data);
    return;
  }
  const { location, offset, length } = tensor.external;
  for (const entry of Object.entries({ location, offset, length })) {
    if (entry[1] !== undefined) out.message(13, writeEntry, entry);
  }
  out.int(14, 1);
}

function writeValueInfo(out: WireWriter, info: ValueInfo): void {
  out.string(1, info.name);
  if (info.untyped === true) return;
  out.message(2, (type) => type.message(1, writeTensorType, info), undefined);
}

function writeTensorType(out: WireWriter, { dtype, shape, element }: ValueInfo): void {
  out.int(1, element ?? elementType(dtype));
  if (shape === undefined) return;
  out.message(2, (inner, dims) => {
    for (const dim of dims) {
      inner.message(1, (one, value) => {
        if (typeof value === "number") one.int(1, value);
        else one.string(2, value);
      }, dim);
    }
  }, shape);
}
