import type { NodeProto } from "../../onnx/proto.js";
import type { Draft } from "./draft.js";

/** A convolution or matrix product whose weights are stored: what 8 bits make small and fast. */
export interface Core {
  readonly node: NodeProto;
  /** The name of its weight, such as `conv2d/kernel`. */
  readonly weight: string;
  readonly data: Float32Array;
  readonly shape: readonly number[];
  /** The axis of the weight that counts its output channels. */
  readonly axis: number;
}

/** Tells the weights that stay as they are. */
export type Excluded = (weight: string) => boolean;

/** All convolutions and products of a graph with stored weights, but those excluded. */
export function coresOf(draft: Draft, excluded: Excluded): Core[] {
  return draft.nodes.flatMap((node) => {
    const core = coreOf(draft, node);
    return core === undefined || excluded(core.weight) ? [] : [core];
  });
}

/** The node as a core; undefined for other operators and computed weights. */
export function coreOf(draft: Draft, node: NodeProto): Core | undefined {
  if (node.domain !== "" || !/^(Conv|MatMul|Gemm)$/.test(node.opType)) return undefined;
  const [, name = "", bias = ""] = node.inputs;
  const data = draft.floats(name);
  if (data === undefined || (bias !== "" && !draft.isFloat(bias))) return undefined;
  const { shape } = draft.initializers.get(name)!;
  if (node.opType === "MatMul" && shape.length !== 2) return undefined;
  // Others than those of `toGemm`, which an imported file may hold.
  if (node.opType === "Gemm" && node.attributes.length > 0) return undefined;
  return { node, weight: draft.origins.get(name) ?? name, data, shape, axis: node.opType === "Conv" ? 0 : 1 };
}
