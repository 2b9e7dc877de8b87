import type { DType, TypedArray } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";

/** The name of a value in the ONNX graph that is being built. */
export type OnnxValue = string & { readonly __onnx: unique symbol };

/** Attributes of an ONNX node. Whole numbers are INT, `{ float }` is FLOAT, arrays likewise. */
export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  /** An attribute as the file format holds it, of a node that came from a file. */
  | { readonly stored: object };
export type OnnxAttributes = Readonly<Record<string, OnnxAttribute | undefined>>;

/** What an op's lowering may do: emit ONNX nodes and constants. */
export interface LoweringBuilder {
  /** Emits a node with one output. A null input is an omitted optional one. */
  node(type: string, inputs: readonly (OnnxValue | null)[], attributes?: OnnxAttributes, domain?: string): OnnxValue;
  /** Emits a node with several outputs. */
  nodes(
    type: string,
    inputs: readonly (OnnxValue | null)[],
    outputCount: number,
    attributes?: OnnxAttributes,
    domain?: string,
  ): OnnxValue[];
  /** A value of shape `from` in the shape `to`; what was reshaped before is seen through. */
  reshape(value: OnnxValue, from: readonly number[], to: readonly number[]): OnnxValue;
  /** A constant tensor; equal small constants are stored once. */
  constant(data: TypedArray, shape: readonly number[], dtype: DType): OnnxValue;
  /** A constant of rank 0. */
  scalar(value: number, dtype: DType): OnnxValue;
  /** A constant int64 vector, as ONNX wants shapes, axes and pads. */
  int64s(values: readonly number[]): OnnxValue;
  /** A shape as an int64 vector; computed from the graph's inputs where dimensions are free. */
  shape(dims: Shape): OnnxValue;
  cast(value: OnnxValue, to: DType): OnnxValue;
  /** Asks for at least this version of a set of operators. */
  requires(domain: string, version: number): void;
}
