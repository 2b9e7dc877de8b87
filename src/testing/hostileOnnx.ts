import { type AttributeProto, type FunctionProto, type GraphProto, type ModelProto, type NodeProto, type TensorProto, encodeModel } from "../onnx/proto.js";
import { WireWriter } from "../onnx/protoWire.js";

const node = (opType: string, inputs: readonly string[], outputs: readonly string[], attributes: readonly AttributeProto[] = [], domain = ""): NodeProto => ({
  name: outputs[0] ?? "", opType, domain, inputs, outputs, attributes,
});

const floats = (name: string, shape: readonly number[], values: readonly number[]): TensorProto => ({
  name, dtype: "float32", shape, data: new Uint8Array(Float32Array.from(values).buffer),
});

const whole = (name: string, values: readonly number[], shape: readonly number[] = [values.length]): TensorProto => ({
  name, dtype: "int64", shape, data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

interface Parts {
  readonly initializers?: readonly TensorProto[];
  readonly shape?: readonly (number | string)[];
  readonly functions?: readonly FunctionProto[];
}

function graph(nodes: readonly NodeProto[], { initializers = [], shape = ["n", 4] }: Parts = {}): GraphProto {
  const port = (name: string) => ({ name, dtype: "float32", shape: [...shape] }) as const;
  return { name: "g", nodes, initializers, inputs: [port("x")], outputs: [{ name: "y", dtype: "float32", shape: undefined }] };
}

function model(nodes: readonly NodeProto[], parts: Parts = {}): Uint8Array {
  const proto: ModelProto = {
    irVersion: 8,
    opsetImports: [{ domain: "", version: 18 }, { domain: "own", version: 1 }],
    producerName: "",
    producerVersion: "",
    metadata: {},
    graph: graph(nodes, parts),
  };
  const bytes = encodeModel(proto);
  if (parts.functions === undefined) return bytes;
  const out = new WireWriter();
  for (const each of parts.functions) out.message(25, writeFunction, each);
  return joined(bytes, out.finish());
}

function writeFunction(out: WireWriter, { name, inputs, outputs, nodes, domain }: FunctionProto): void {
  out.string(1, name);
  for (const input of inputs) out.string(4, input);
  for (const output of outputs) out.string(5, output);
  for (const { opType, domain: own, inputs: from, outputs: to } of nodes) {
    out.message(7, (inner) => {
      for (const each of from) inner.string(1, each);
      for (const each of to) inner.string(2, each);
      inner.string(4, opType);
      inner.string(7, own);
    }, undefined);
  }
  out.string(10, domain);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A model whose graph has a field again and again. */
function repeated(field: number, content: Uint8Array, count: number, within: "graph" | "model" = "graph"): Uint8Array {
  const item = [field * 8 + 2, content.length, ...content];
  const many = new Uint8Array(item.length * count);
  for (let i = 0; i < count; i++) many.set(item, i * item.length);
  if (within === "model") return joined(model([node("Relu", ["x"], ["y"])]), many);
  const out = new WireWriter();
  out.int(1, 8);
  out.bytes(7, many);
  return out.finish();
}

/** One field of a model whose length says more than there is. */
function claimed(field: number): Uint8Array {
  return Uint8Array.of(8, 8, field * 8 + 2, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3);
}

function nested(depth: number): GraphProto {
  let inner = graph([node("Relu", ["x"], ["y"])]);
  for (let i = 0; i < depth; i++) inner = graph([node("If", ["x"], ["y"], [{ name: "then_branch", type: "graph", value: inner }])]);
  return inner;
}

const relu = (input: string, output: string): NodeProto => node("Relu", [input], [output]);
const ints = (name: string, value: readonly number[]): AttributeProto => ({ name, type: "ints", value });
const int = (name: string, value: number): AttributeProto => ({ name, type: "int", value });

/** `f0` calls `f1` ten times, and so on. */
function laughs(depth: number): FunctionProto[] {
  return Array.from({ length: depth }, (_, level) => ({
    name: `f${level}`, domain: "own", inputs: ["a"], outputs: ["b10"], defaults: [],
    nodes: Array.from({ length: 10 }, (_, i) =>
      node(level === depth - 1 ? "Relu" : `f${level + 1}`, [i === 0 ? "a" : `b${i}`], [`b${i + 1}`], [], level === depth - 1 ? "" : "own")),
  }));
}

/** A loop that goes round without end, in another, and so on. */
function idle(depth: number): NodeProto {
  const body: GraphProto = {
    name: "idle",
    nodes: depth === 0 ? [] : [{ ...idle(depth - 1), inputs: ["", "goes", "state"], outputs: ["unread"] }],
    initializers: [],
    inputs: ["i", "before", "state"].map((name) => ({ name, dtype: "float32", shape: undefined })),
    outputs: ["goes", "state"].map((name) => ({ name, dtype: "float32", shape: undefined })),
  };
  return node("Loop", ["", "goes", "x"], ["y"], [{ name: "body", type: "graph", value: body }]);
}

/** A sequence of 1000 parts, then longer and shorter by one in turn. */
function sequences(turns: number): NodeProto[] {
  const first = node("SequenceConstruct", Array.from({ length: 1000 }, () => "x"), ["s0"]);
  const turn = (i: number): NodeProto[] => [node("SequenceInsert", [`s${2 * i}`, "x"], [`s${2 * i + 1}`]), node("SequenceErase", [`s${2 * i + 1}`], [`s${2 * i + 2}`])];
  return [first, ...Array.from({ length: turns }, (_, i) => turn(i)).flat()];
}

/** A loop whose body is a loop, and so on. */
function loops(depth: number): NodeProto {
  const body = depth === 0 ? [relu("state", "next")] : [{ ...loops(depth - 1), inputs: ["trips", "", "state"], outputs: ["next"] }];
  const inner: GraphProto = {
    name: "body",
    nodes: [...body, node("Identity", ["cond"], ["cond_out"])],
    initializers: [],
    inputs: [{ name: "i", dtype: "int64", shape: [] }, { name: "cond", dtype: "bool", shape: [] }, { name: "state", dtype: "float32", shape: undefined }],
    outputs: [{ name: "cond_out", dtype: "bool", shape: [] }, { name: "next", dtype: "float32", shape: undefined }],
  };
  return node("Loop", ["trips", "", "x"], ["y"], [{ name: "body", type: "graph", value: inner }]);
}

const doubling = (count: number, opType: string, ...more: readonly AttributeProto[]): NodeProto[] =>
  Array.from({ length: count }, (_, i) => node(opType, [`d${i}`, `d${i}`], [`d${i + 1}`], more));

/** Small files of something broken or endless, each of which is to be refused or opened at once and in little memory. */
export const HOSTILE_ONNX: Readonly<Record<string, () => Uint8Array>> = {
  "nothing": () => new Uint8Array(0),
  "a node that takes its own output": () => model([node("Add", ["x", "y"], ["y"])]),
  "two nodes that wait for each other": () => model([relu("b", "a"), relu("a", "b"), node("Add", ["x", "a"], ["y"])]),
  "a function that calls itself": () => model([node("f", ["x"], ["y"], [], "own")], { functions: [{ name: "f", domain: "own", inputs: ["a"], outputs: ["b"], defaults: [], nodes: [node("f", ["a"], ["b"], [], "own")] }] }),
  "functions that call each other ten times, nine deep": () => model([node("f0", ["x"], ["y"], [], "own")], { functions: laughs(9) }),
  "a negative size of a stored tensor": () => model([node("Add", ["x", "w"], ["y"])], { initializers: [floats("w", [-4], [1, 2, 3, 4])] }),
  "two negative sizes": () => model([node("Add", ["x", "w"], ["y"])], { initializers: [floats("w", [-2, -2], [1, 2, 3, 4])] }),
  "a negative size of an input": () => model([relu("x", "y")], { shape: [-1, -4] }),
  "an input of 10^30 elements": () => model([relu("x", "y")], { shape: Array.from({ length: 5 }, () => 1e6) }),
  "an input of 2^62 rows": () => model([node("Flatten", ["x"], ["y"])], { shape: [2 ** 62, 2 ** 62] }),
  "fewer elements than the shape says": () => model([node("Add", ["x", "w"], ["y"])], { initializers: [floats("w", [4], [1, 2])] }),
  "more elements than the shape says": () => model([node("Add", ["x", "w"], ["y"])], { initializers: [floats("w", [4], [1, 2, 3, 4, 5])] }),
  "2 GB of weights in a kilobyte": () => model([node("Add", ["x", "w"], ["y"])], { initializers: [floats("w", [2 ** 29], [1])] }),
  "2 GB of weights of no elements": () => model([node("Add", ["x", "w"], ["y"])], { initializers: [floats("w", [2 ** 31, 0], [])] }),
  "a graph of 2 GB": () => claimed(7),
  "a name of 2 GB": () => claimed(2),
  "a varint without end": () => new Uint8Array(1000).fill(0xff),
  "a constant of 2 GB": () => model([node("ConstantOfShape", ["s"], ["c"]), node("Add", ["x", "c"], ["y"])], { initializers: [whole("s", [2 ** 29])] }),
  "whole numbers up to 2^40": () => model([node("Range", ["a", "b", "c"], ["r"]), node("Gather", ["x", "r"], ["y"])], { initializers: [whole("a", [0], []), whole("b", [2 ** 40], []), whole("c", [1], [])] }),
  "shapes that double forty times": () => model([...doubling(40, "Concat", int("axis", 0)), node("Reshape", ["x", "d40"], ["y"])], { initializers: [whole("d0", [1])] }),
  "numbers that double forty times": () => model([...doubling(40, "Add"), node("Expand", ["x", "d40"], ["y"])], { initializers: [whole("d0", [4])] }),
  "65,536 rows of 65,536 numbers": () =>
    model([node("Range", ["a", "b", "c"], ["r"]), node("Mul", ["r", "a"], ["zero"]), node("Unsqueeze", ["r", "a1"], ["row"]), node("Gather", ["row", "zero"], ["s"]), node("Expand", ["x", "s"], ["y"])], {
      initializers: [whole("a", [0], []), whole("a1", [0]), whole("b", [65_536], []), whole("c", [1], [])],
    }),
  "a thousand sums of 65,536 numbers": () =>
    model([node("Range", ["a", "b", "c"], ["d0"]), ...doubling(1000, "Add"), node("ReduceMax", ["d1000"], ["s"]), node("Expand", ["x", "s"], ["y"])], {
      initializers: [whole("a", [0], []), whole("b", [65_536], []), whole("c", [1], [])],
    }),
  "a model that is cut off": () => model([node("Add", ["x", "w"], ["y"])], { initializers: [floats("w", [4], [1, 2, 3, 4])] }).slice(0, -20),
  "numbers that are squared forty times": () => model([...doubling(40, "Mul"), node("Expand", ["x", "d40"], ["y"])], { initializers: [whole("d0", [4])] }),
  "free sizes that are squared twenty times": () => model([node("Shape", ["x"], ["s"]), node("ReduceSum", ["s"], ["d0"], [int("keepdims", 1)]), ...doubling(20, "Mul"), node("Expand", ["x", "d20"], ["y"])], { shape: ["a", "b", "c", "d"] }),
  "outputs that double forty times": () => model([node("Identity", ["x"], ["d0"]), ...doubling(40, "Concat", int("axis", 0)), relu("d40", "y")]),
  "values that double for three hundred nodes": () => model([node("Identity", ["x"], ["d0"]), ...doubling(300, "Add"), relu("d300", "y")]),
  "expanding to 2^50": () => model([node("Expand", ["x", "s"], ["y"])], { initializers: [whole("s", [2 ** 25, 2 ** 25, 1, 4])], shape: [1, 4] }),
  "tiles of 10^9": () => model([node("Tile", ["x", "s"], ["y"])], { initializers: [whole("s", [1e9, 1e9])] }),
  "padding by 10^9": () => model([node("Pad", ["x", "s"], ["y"])], { initializers: [whole("s", [1e9, 1e9, 1e9, 1e9])] }),
  "negative padding": () => model([node("Pad", ["x", "s"], ["y"])], { initializers: [whole("s", [-1e9, -5, 0, 0])] }),
  "10^9 classes": () => model([node("OneHot", ["i", "k", "v"], ["h"]), node("MatMul", ["h", "x"], ["y"])], { initializers: [whole("i", [1, 2]), whole("k", [1e9], []), floats("v", [2], [0, 1])] }),
  "10^9 parts": () => model([node("Split", ["x"], ["y"], [int("num_outputs", 1e9)])]),
  "parts below nothing": () => model([node("Split", ["x", "s"], ["y", "z"], [int("axis", 1)])], { initializers: [whole("s", [-5, 9])] }),
  "resizing by 10^9": () => model([node("Resize", ["x", "", "f"], ["y"], [{ name: "mode", type: "string", value: "linear" }])], { initializers: [floats("f", [4], [1, 1, 1e9, 1e9])], shape: [1, 1, 8, 8] }),
  "a kernel of 2^40": () => model([node("AveragePool", ["x"], ["y"], [ints("kernel_shape", [2 ** 20, 2 ** 20])])], { shape: [1, 1, 2 ** 21, 2 ** 21] }),
  "strides of nothing": () => model([node("MaxPool", ["x"], ["y"], [ints("kernel_shape", [1, 1]), ints("strides", [0, 0])])], { shape: [1, 1, 8, 8] }),
  "a recurrence over 2^31 steps": () => model([node("LSTM", ["x", "w", "r"], ["y"], [int("hidden_size", 1)])], { initializers: [floats("w", [1, 4, 1], [1, 1, 1, 1]), floats("r", [1, 4, 1], [1, 1, 1, 1])], shape: [2 ** 31, 1, 1] }),
  "a loop of 2^40 rounds": () => model([loops(0)], { initializers: [whole("trips", [2 ** 40], [])] }),
  "five loops without a bound that do nothing, each in another": () => model([idle(4)], { initializers: [{ name: "goes", dtype: "bool", shape: [], data: Uint8Array.of(1) }] }),
  "a sequence that grows and shrinks 100,000 times": () => model([...sequences(50_000), node("ConcatFromSequence", ["s100000"], ["y"])]),
  "five loops of 1000 rounds, each in another": () => model([loops(4)], { initializers: [whole("trips", [1000], [])] }),
  "graphs in graphs, 15 deep": () => model(nested(15).nodes),
  "graphs in graphs, 500 deep": () => model(nested(500).nodes),
  "an equation without end": () => model([node("Einsum", ["x", "x"], ["y"], [{ name: "equation", type: "string", value: "abc".repeat(100_000) }])]),
  "a shape of a million axes": () => model([node("Reshape", ["x", "s"], ["y"])], { initializers: [whole("s", Array.from({ length: 1e6 }, () => 1))] }),
  "a stored tensor of a million axes": () => model([node("Add", ["x", "w"], ["y"])], { initializers: [floats("w", Array.from({ length: 1e6 }, () => 1), [1])] }),
  "an input of a million axes": () => model([relu("x", "y")], { shape: Array.from({ length: 1e6 }, () => 1) }),
  "a million names of inputs": () => model([node("Sum", Array.from({ length: 1e6 }, () => "x"), ["y"])]),
  "four million empty nodes": () => repeated(1, new Uint8Array(0), 4e6),
  "a million small nodes": () => repeated(1, Uint8Array.of(0x12, 1, 97, 0x22, 1, 65), 1e6),
  "four million empty tensors": () => repeated(5, new Uint8Array(0), 4e6),
  "four million empty inputs": () => repeated(11, new Uint8Array(0), 4e6),
  "four million empty outputs": () => repeated(12, new Uint8Array(0), 4e6),
  "four million empty values": () => repeated(13, new Uint8Array(0), 4e6),
  "four million sets of operators": () => repeated(8, new Uint8Array(0), 4e6, "model"),
  "four million entries of metadata": () => repeated(14, new Uint8Array(0), 4e6, "model"),
  "four million functions": () => repeated(25, new Uint8Array(0), 4e6, "model"),
  "four million graphs": () => repeated(7, new Uint8Array(0), 4e6, "model"),
  "four million empty attributes": () => {
    const item = new Uint8Array(8e6);
    for (let i = 0; i < item.length; i += 2) item[i] = 0x2a;
    const out = new WireWriter();
    out.int(1, 8);
    out.message(7, (inner) => inner.bytes(1, item), undefined);
    return out.finish();
  },
};
