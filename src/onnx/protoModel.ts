import type { DType } from "../tensor/dtype.js";

/** An ONNX file: one graph and what it needs to run. */
export interface ModelProto {
  readonly irVersion: number;
  readonly opsetImports: readonly OpsetImport[];
  readonly producerName: string;
  readonly producerVersion: string;
  /** The version of the model itself. */
  readonly modelVersion?: number;
  readonly docString?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: GraphProto;
  /** Operators that the file defines by others. */
  readonly functions?: readonly FunctionProto[];
}

/** An operator made of others: a call is replaced by its nodes. */
export interface FunctionProto {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes with their values where a call gives none. */
  readonly defaults: readonly AttributeProto[];
  readonly nodes: readonly NodeProto[];
}

/** The version of one set of operators; the standard set has the empty domain. */
export interface OpsetImport {
  readonly domain: string;
  readonly version: number;
}

/** Nodes in the order of execution, with stored tensors and ports. */
export interface GraphProto {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** What the file says of values in between. */
  readonly values?: readonly ValueInfo[];
}

/** One operator call; an empty input name is an omitted optional input. */
export interface NodeProto {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly AttributeProto[];
}

/** A named constant of a node. Integers beyond 2^53 are rounded to the nearest number. */
export type AttributeProto = { readonly name: string } & (
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "ints"; readonly value: readonly number[] }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "tensor"; readonly value: TensorProto }
  | { readonly type: "graph"; readonly value: GraphProto }
  /** In a function: the attribute of its call that stands here. */
  | { readonly type: "reference"; readonly value: string }
);

/** A stored tensor. `data` is little-endian and may start at any byte of its buffer. */
export interface TensorProto {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Empty where the elements lie in another file. */
  readonly data: Uint8Array;
  readonly external?: ExternalData;
  /** ONNX's number of the stored type, where a file is written with one that tensors here do not have. */
  readonly element?: number;
  /** The elements of a tensor of texts, in place of data; only written. */
  readonly texts?: readonly string[];
}

/** Where the elements of a tensor lie that the file itself does not hold. */
export interface ExternalData {
  /** A path relative to the model's folder. */
  readonly location: string;
  readonly offset: number;
  /** In bytes; to the end of the file where it is absent. */
  readonly length?: number;
  /** ONNX's number of the type in which they are stored. */
  readonly element: number;
}

/** A port of a graph: a string is a free dimension; no shape at all is a free rank. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly (number | string)[] | undefined;
  /** ONNX's number of the type, where a file is written with one that tensors here do not have. */
  readonly element?: number;
  /** Of a graph inside a node: a port of which the file tells the name only. */
  readonly untyped?: true;
}

/** ONNX's number of each attribute type. */
export const ATTRIBUTE_TYPES = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const satisfies Record<Exclude<AttributeProto["type"], "reference">, number>;

/** ONNX's number of each dtype; ONNX Runtime's C API uses the same numbers. */
const ELEMENT_TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
  uint32: 12,
} as const satisfies Record<DType, number>;

const DTYPE_OF = new Map(Object.entries(ELEMENT_TYPES).map(([dtype, number]) => [number as number, dtype as DType]));

/** ONNX's number of a dtype, as the attribute `to` of Cast holds it. */
export function elementType(dtype: DType): number {
  return ELEMENT_TYPES[dtype];
}

/** Types that tensors here do not have, and those that hold all their values. */
const WIDENED = new Map<number, DType>([
  [4, "int32"], // uint16
  [5, "int32"], // int16
  [10, "float32"], // float16
  [13, "int64"], // uint64, whose upper half wraps
  [16, "float32"], // bfloat16
  [21, "uint8"], // uint4
  [22, "int8"], // int4
]);

/** The dtype that ONNX's number stands for, wider ones for half floats and short integers; none for text and complex numbers. */
export function dtypeOfElementType(number: number): DType | undefined {
  return DTYPE_OF.get(number) ?? WIDENED.get(number);
}
