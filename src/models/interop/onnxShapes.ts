import { NacreError, unknownName } from "../../error.js";
import type { GraphProto, ValueInfo } from "../../onnx/proto.js";

/** Shapes of one sample by input. */
type Shapes = Readonly<Record<string, readonly number[]>>;

/** The graph with sizes where the file leaves axes free. @throws UNKNOWN_NAME, BAD_ARGUMENT when shapes are given that the inputs do not have */
export function withShapes(graph: GraphProto, shapes: Shapes): GraphProto {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const names = graph.inputs.map(({ name }) => name).filter((name) => !stored.has(name));
  const unknown = Object.keys(shapes).find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownName("importOnnx inputShapes", "input", unknown, names);
  const inputs = graph.inputs.map((input) => (Object.hasOwn(shapes, input.name) ? sized(input, shapes[input.name]!) : input));
  return { ...graph, inputs };
}

function sized(input: ValueInfo, given: readonly number[]): ValueInfo {
  const dims = input.shape ?? ["batch", ...given];
  const fits = given.length === dims.length - 1 && given.every((size, i) => Number.isInteger(size) && size >= 1 && (typeof dims[i + 1] === "string" || dims[i + 1] === size));
  if (fits) return { ...input, shape: [dims[0]!, ...given] };
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where: `importOnnx inputShapes of "${input.name}"`,
    expected: `a shape like [${dims.slice(1).map((dim) => (typeof dim === "string" ? "any" : dim)).join(", ")}]`,
    received: `[${[given].flat().join(", ")}]`,
  });
}

/** What `build` gives; where it fails and the file leaves axes free beside the batch, the error says how to give their sizes. */
export function explained<T>(graph: GraphProto, build: () => T): T {
  try {
    return build();
  } catch (error) {
    const free = graph.inputs.find(({ shape }) => shape?.slice(1).some((dim) => typeof dim === "string"));
    const ofShapes = error instanceof NacreError && (error.code === "SHAPE_MISMATCH" || error.code === "UNSUPPORTED");
    if (free === undefined || !ofShapes) throw error;
    const example = free.shape!.slice(1).map((dim) => (typeof dim === "string" ? 128 : dim));
    throw new NacreError({
      code: error.code,
      where: error.where,
      expected: error.expected,
      received: error.received,
      fix: `${error.fix === undefined ? "" : `${error.fix}; `}the file leaves sizes free: if it was made for certain ones, give them, as in { inputShapes: { ${JSON.stringify(free.name)}: [${example.join(", ")}] } }`,
      cause: error,
    });
  }
}
