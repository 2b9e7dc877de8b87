import { elementType } from "../../onnx/proto.js";
import type { Core } from "./cores.js";
import type { Draft } from "./draft.js";
import { quantizeWeights } from "./weights.js";

/**
 * Writes matrix products of whole numbers into the graph, their left sides quantized anew in each run
 * by the extremes that they have: y = (xq · wq) · (x's scale · w's scales).
 */
export function quantizeDynamic(draft: Draft, cores: readonly Core[]): void {
  const quantized = new Map<string, readonly [value: string, scale: string, zero: string]>();
  for (const { node, weight, data, shape, axis } of cores) {
    const [x] = node.inputs as [string];
    let left = quantized.get(x);
    if (left === undefined) {
      left = [draft.fresh(`${x}/quantized`), draft.fresh(`${x}/scale`), draft.fresh(`${x}/zero`)];
      draft.addNode("DynamicQuantizeLinear", [x], left);
      quantized.set(x, left);
    }
    const { values, scales } = quantizeWeights(data, shape, axis);
    const stored = draft.store(`${weight}/int8`, values, shape, "int8");
    const scale = draft.store(`${weight}/scales`, scales, [scales.length], "float32");
    const zero = draft.store(`${weight}/zero`, new Int8Array(1), [], "int8");
    const product = draft.add("MatMulInteger", [left[0], stored, left[2], zero], {}, draft.fresh(`${weight}/product`));
    const float = draft.add("Cast", [product], { to: elementType("float32") });
    const factor = draft.add("Mul", [left[1], scale], {}, draft.fresh(`${weight}/factor`));
    draft.nodes = draft.nodes.filter((other) => other !== node);
    draft.addNode("Mul", [float, factor], node.outputs);
  }
}
