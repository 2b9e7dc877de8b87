import { NacreError, checkOptions, isRecord, kindOf, wrongKind } from "../../error.js";
import { placeholder } from "../../graph/graph.js";
import type { ModelProto } from "../../onnx/proto.js";
import { badOption, requireOptions } from "../../options.js";
import type { Dim } from "../../tensor/dim.js";
import { type DType, DTYPES } from "../../tensor/dtype.js";
import { Tensor } from "../../tensor/tensor.js";
import { type FileOptions, GRAPH_OPTIONS, type GraphOptions } from "./options.js";
import { isDimensionName, withDimensions } from "./ports.js";
import { programProto } from "./program.js";
import { protoBytes, writeProto } from "./write.js";

/** What a function takes under one name. */
export interface InputSpec {
  /** The whole shape: a name is a free dimension, the same one wherever it stands; null is one of its own, `batch` where it comes first. */
  readonly shape: readonly (number | string | null)[];
  /** Default float32. */
  readonly dtype?: DType;
}

/** Options of {@link functionToOnnx}. */
export interface FunctionOptions<N extends string = string> extends GraphOptions {
  /** What the function takes, by name. */
  readonly inputs: Readonly<Record<N, InputSpec>>;
  /** What the file calls the graph. Default: the function's own name. */
  readonly name?: string;
}

/** A function of named tensors: its result is a tensor, called `output`, a list, or tensors by name. */
export type TracedFunction<N extends string = string> = (
  inputs: Readonly<Record<N, Tensor>>,
) => Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/**
 * A function as the bytes of an ONNX file. It is called once, with tensors that stand for its inputs;
 * tensors with data that it uses are stored in the file.
 *
 * @throws BAD_ARGUMENT when the function returns something other than tensors
 * @throws UNSUPPORTED when it has more than 2 GB of data, or an older `opset` has not its operators
 * @example
 * import { functionToOnnx } from "nacre/ship";
 *
 * const weights = tensor([[1, 2], [3, 4], [5, 6]]);
 * const bytes = await functionToOnnx(({ x }) => ops.softmax(x.matmul(weights)), { inputs: { x: { shape: [null, 3] } } });
 */
export async function functionToOnnx<N extends string>(fn: TracedFunction<N>, options: FunctionOptions<N>): Promise<Uint8Array> {
  return protoBytes("functionToOnnx", await functionProto("functionToOnnx", fn, options, []));
}

/**
 * Writes a function as an ONNX file, as {@link functionToOnnx} makes it.
 *
 * @throws FILE_ACCESS when the folder cannot be written
 * @throws BAD_ARGUMENT when the function returns something other than tensors
 * @example
 * import { exportFunction } from "nacre/ship";
 *
 * const distance = ({ a, b }: { a: Tensor; b: Tensor }) => ({ distance: ops.norm(a.sub(b), { axes: [-1] }) });
 * const shape = ["n", 3];
 * await exportFunction("distance.onnx", distance, { inputs: { a: { shape }, b: { shape } } });
 */
export async function exportFunction<N extends string>(path: string, fn: TracedFunction<N>, options: FunctionOptions<N> & FileOptions): Promise<void> {
  await writeProto("exportFunction", path, await functionProto("exportFunction", fn, options, ["externalData"]), options);
}

async function functionProto<N extends string>(where: string, fn: TracedFunction<N>, options: FunctionOptions<N>, more: readonly string[]): Promise<ModelProto> {
  if (typeof fn !== "function") throw wrongKind(where, "a function of named tensors", fn);
  checkOptions(where, options, [...GRAPH_OPTIONS, "inputs", "name", ...more]);
  requireOptions(where, options, ["inputs"]);
  if (!isRecord(options.inputs)) throw wrongKind(`${where}, option inputs`, "shapes by name, as in { x: { shape: [null, 3] } }", options.inputs);
  const inputNames = Object.keys(options.inputs) as N[];
  const specs = inputNames.map((name, i) => checkedSpec(`${where}, input "${name}"`, options.inputs[name], isDimensionName(name) ? name : `input_${i}`));
  const shapes = withDimensions(where, specs.map(({ shape }) => shape), options.dimensions);
  const inputs = specs.map(({ dtype }, i) => placeholder(shapes[i]!, dtype, inputNames[i]!));
  const named = Object.fromEntries(inputNames.map((name, i) => [name, inputs[i]!])) as Record<N, Tensor>;
  const results = resultsOf(where, fn(named));
  return programProto(
    {
      where,
      name: options.name ?? (fn.name === "" ? "function" : fn.name),
      inputs,
      outputs: results.map(([, value]) => value),
      inputNames,
      outputNames: results.map(([name]) => name),
      weights: new Map(),
    },
    options,
  );
}

function checkedSpec(where: string, spec: InputSpec, own: string): { shape: Dim[]; dtype: DType } {
  checkOptions(where, spec, ["shape", "dtype"]);
  const { shape, dtype = "float32" } = spec;
  if (!DTYPES.includes(dtype)) throw badOption(where, "dtype", `one of ${DTYPES.join(", ")}`, dtype);
  const fits = (dim: unknown): boolean => dim === null || (typeof dim === "string" ? isDimensionName(dim) : Number.isInteger(dim) && Number(dim) >= 0);
  if (!Array.isArray(shape) || !shape.every(fits)) throw badOption(where, "shape", "a list of sizes, names of free dimensions, and null", shape);
  return { dtype, shape: shape.map((dim: number | string | null, axis) => dim ?? (axis === 0 ? "batch" : `${own}_${axis}`)) };
}

function resultsOf(where: string, result: ReturnType<TracedFunction>): [string, Tensor][] {
  const list: [string, unknown][] =
    result instanceof Tensor ? [["output", result]] : Array.isArray(result) ? result.map((value, i) => [`output_${i}`, value]) : isRecord(result) ? Object.entries(result) : [["output", result]];
  const wrong = list.find(([, value]) => !(value instanceof Tensor));
  if (wrong === undefined && list.length > 0) return list as [string, Tensor][];
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: "a function that returns a tensor, a list of them, or an object of them",
    received: wrong === undefined ? "no tensor" : kindOf(wrong[1]),
    fix: "build the result with ops, without await",
  });
}
