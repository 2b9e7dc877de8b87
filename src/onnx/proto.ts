/** The ONNX file format: its messages as plain objects, a writer and a reader. */
export { decodeModel } from "./protoRead.js";
export { elementsOf } from "./protoReadTensor.js";
export { encodeModel } from "./protoWrite.js";
export {
  type AttributeProto,
  type ExternalData,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type OpsetImport,
  type TensorProto,
  type ValueInfo,
  dtypeOfElementType,
  elementType,
} from "./protoModel.js";
