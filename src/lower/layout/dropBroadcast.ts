import { Node, nodeOf } from "../../graph/node.js";
import { broadcastTo } from "../../ops/shape/broadcastTo.js";
import { broadcastShapes, sameShape } from "../../tensor/shape.js";
import type { Rule } from "../rule.js";

/** Elementwise ops stretch their operands themselves: what only stretches them is not needed, where the other operands give the shape. */
export const dropBroadcast: Rule = {
  name: "dropBroadcast",
  rewrite: (node) => {
    if (node.op.elementwise !== true || node.inputs.length < 2) return undefined;
    let inputs = node.inputs;
    const shape = node.outputs[0]!.shape;
    node.inputs.forEach((input, i) => {
      const made = nodeOf(input);
      if (made?.op !== broadcastTo) return;
      const candidate = inputs.with(i, made.inputs[0]!);
      const left = candidate.map((tensor) => tensor.shape).reduce((a, b) => broadcastShapes(a, b, "broadcast"));
      if (sameShape(left, shape)) inputs = candidate;
    });
    return inputs === node.inputs ? undefined : new Node(node.op, inputs, node.attrs).outputs;
  },
};
