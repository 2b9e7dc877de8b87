import type { NodeProto } from "../../onnx/proto.js";
import { elementType } from "../../onnx/proto.js";
import type { Excluded } from "./cores.js";
import type { Draft } from "./draft.js";
import { quantizeWeights } from "./weights.js";

/** Smaller tables cost more in nodes than they save. */
const SMALLEST = 1024;

/** Stores the tables of embeddings in 8 bits, with a scale for each row; only the rows that are looked up become floats. */
export function quantizeLookups(draft: Draft, excluded: Excluded): string[] {
  const changed = new Map<NodeProto, readonly NodeProto[]>();
  const done = new Set<string>();
  // What is added on the way is not to be looked at.
  const nodes = draft.nodes.slice();
  for (const node of nodes) {
    const [table = "", rows = ""] = node.inputs;
    const tensor = draft.initializers.get(table);
    const data = draft.floats(table);
    const axis = node.attributes.find(({ name }) => name === "axis")?.value ?? 0;
    const origin = draft.origins.get(table) ?? table;
    if (node.opType !== "Gather" || node.domain !== "" || tensor?.shape.length !== 2 || axis !== 0 || data === undefined) continue;
    if (data.length < SMALLEST || excluded(origin)) continue;
    const { values, scales } = quantizeWeights(data, tensor.shape, 0);
    const [stored, factors] = [draft.store(`${table}/int8`, values, tensor.shape, "int8"), draft.store(`${table}/scales`, scales, [scales.length, 1], "float32")];
    const found = draft.add("Cast", [draft.add("Gather", [stored, rows])], { to: elementType("float32") });
    draft.add("Mul", [found, draft.add("Gather", [factors, rows])], {}, node.outputs[0]!);
    changed.set(node, []);
    done.add(origin);
  }
  draft.replace(changed);
  return [...done];
}
