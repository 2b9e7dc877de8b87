import { NacreError } from "../error.js";
import { type DType, bytesPerElement } from "../tensor/dtype.js";
import { type TensorProto, dtypeOfElementType } from "./protoModel.js";
import type { WireReader } from "./protoWire.js";

/** How one number of each dtype is stored raw, for files that list numbers instead. */
type Store = (view: DataView, at: number, value: number | bigint) => void;
const STORE: Readonly<Record<DType, Store>> = {
  float32: (view, at, value) => view.setFloat32(at, Number(value), true),
  float64: (view, at, value) => view.setFloat64(at, Number(value), true),
  int32: (view, at, value) => view.setInt32(at, Number(value), true),
  uint32: (view, at, value) => view.setUint32(at, Number(value), true),
  int64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  uint8: (view, at, value) => view.setUint8(at, Number(value)),
  int8: (view, at, value) => view.setInt8(at, Number(value)),
  bool: (view, at, value) => view.setUint8(at, Number(value)),
};

/** Reads one stored tensor; raw data stays a view of the file. */
export function readTensor(reader: WireReader): TensorProto {
  let [name, element, external] = ["", 0, false];
  let raw: Uint8Array | undefined;
  const shape: number[] = [];
  const values: (number | bigint)[] = [];
  reader.each(({ number, wire }) => {
    if (number === 1) reader.repeated(wire, (one) => one.int(), shape);
    else if (number === 2) element = reader.int();
    else if (number === 4) reader.repeated(wire, (one) => one.float(), values);
    else if (number === 5 || number === 7 || number === 11) reader.repeated(wire, (one) => one.int64(), values);
    else if (number === 8) name = reader.string();
    else if (number === 9) raw = reader.bytes();
    else if (number === 10) reader.repeated(wire, (one) => one.double(), values);
    else if (number === 14) external = reader.int() === 1;
    else return false;
    return true;
  });
  const dtype = dtypeOfElementType(element);
  if (dtype === undefined || external) {
    throw new NacreError({
      code: "UNSUPPORTED",
      where: `ONNX tensor "${name}"`,
      expected: "a supported element type, stored within the file",
      received: external ? "data in another file" : `element type ${element}`,
      ...(external ? { fix: "save the model with its weights in one file" } : {}),
    });
  }
  const length = shape.reduce((product, dim) => product * dim, 1);
  const data = raw ?? pack(dtype, values);
  if (shape.some((dim) => dim < 0) || data.length !== length * bytesPerElement(dtype)) {
    throw reader.bad(`data for ${dtype}[${shape.join(", ")}] in "${name}"`, `${data.length} bytes`);
  }
  return { name, dtype, shape, data };
}

function pack(dtype: DType, values: readonly (number | bigint)[]): Uint8Array {
  const bytes = new Uint8Array(values.length * bytesPerElement(dtype));
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => STORE[dtype](view, i * bytesPerElement(dtype), value));
  return bytes;
}
