import { withBackward } from "../../autodiff/customGradient.js";
import { identity, stopGradient } from "../../ops/elementwise/unary.js";
import type { Rule } from "../rule.js";

/** `identity`, `stopGradient` and `withBackward` mean something to gradients only; after them they are in the way. */
export const dropIdentity: Rule = {
  name: "dropIdentity",
  rewrite: (node) => {
    if (node.op === withBackward) return node.inputs.slice(0, node.outputs.length);
    return node.op === identity || node.op === stopGradient ? [node.inputs[0]!] : undefined;
  },
};
