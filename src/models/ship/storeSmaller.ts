import { elementType } from "../../onnx/proto.js";
import type { Excluded } from "./cores.js";
import { coreOf } from "./cores.js";
import type { Draft } from "./draft.js";
import { FLOAT16, halfBytes, LARGEST_HALF } from "./half.js";
import { quantizeWeights } from "./weights.js";

/** Smaller tensors cost more in nodes than they save. */
const SMALLEST = 64;

/** Stores weights as half floats or 8 bits; runtimes turn them into floats when they open the file, and compute with these. */
export function storeSmaller(draft: Draft, kind: "float16" | "int8", excluded: Excluded): string[] {
  const done: string[] = [];
  const axes = new Map(draft.nodes.flatMap((node) => {
    const core = coreOf(draft, node);
    return core === undefined ? [] : [[node.inputs[1]!, core.axis] as const];
  }));
  // What is stored on the way is not to be stored again.
  const stored = [...draft.initializers.values()];
  for (const { name, dtype, shape } of stored) {
    const data = draft.floats(name);
    if (dtype !== "float32" || data === undefined || data.length < SMALLEST || excluded(draft.origins.get(name) ?? name)) continue;
    if (kind === "int8" && shape.length < 2) continue;
    const float = { to: elementType("float32") };
    if (kind === "float16") {
      if (data.some((value) => Math.abs(value) > LARGEST_HALF)) continue;
      const half = draft.fresh(`${name}/float16`);
      draft.initializers.set(half, { name: half, dtype, shape, data: halfBytes(data), element: FLOAT16 });
      draft.initializers.delete(name);
      draft.add("Cast", [half], float, name);
    } else {
      // Tables of embeddings have a row for each word.
      const axis = axes.get(name) ?? 0;
      const { values, scales } = quantizeWeights(data, shape, axis);
      const whole = draft.store(`${name}/int8`, values, shape, "int8");
      const scale = draft.store(`${name}/scales`, scales, shape.map((dim, i) => (i === axis ? dim : 1)), "float32");
      draft.initializers.delete(name);
      draft.add("Mul", [draft.add("Cast", [whole], float), scale], {}, name);
    }
    done.push(draft.origins.get(name) ?? name);
  }
  return done;
}
