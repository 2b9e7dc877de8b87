import type { NodeProto } from "../../onnx/proto.js";
import type { Draft } from "./draft.js";

/**
 * Products of matrices with a stored bias behind them as one operator, which runtimes have in 8 bits;
 * `ranks` tells how many axes the left sides have.
 */
export function toGemm(draft: Draft, ranks: ReadonlyMap<string, number>): void {
  const consumers = draft.consumers();
  const changed = new Map<NodeProto, readonly NodeProto[]>();
  for (const node of draft.nodes) {
    if (node.opType !== "MatMul" || node.domain !== "" || ranks.get(node.inputs[0]!) !== 2) continue;
    const [output] = node.outputs as [string];
    const [add, ...others] = consumers.get(output) ?? [];
    if (add?.opType !== "Add" || add.domain !== "" || others.length > 0 || draft.isPort(output)) continue;
    const bias = add.inputs.find((name) => name !== output) ?? "";
    const columns = draft.initializers.get(node.inputs[1]!)?.shape[1];
    const data = draft.floats(bias);
    if (data === undefined || data.length !== columns) continue;
    const flat = draft.store(`${bias}/row`, data, [columns], "float32");
    changed.set(node, []);
    changed.set(add, [{ ...add, opType: "Gemm", inputs: [...node.inputs, flat] }]);
  }
  draft.replace(changed);
}
