import { identity, stopGradient } from "../../ops/elementwise/unary.js";
import type { Rule } from "../rule.js";

/** `identity` and `stopGradient` mean something to gradients only; after them they are in the way. */
export const dropIdentity: Rule = {
  name: "dropIdentity",
  rewrite: (node) => (node.op === identity || node.op === stopGradient ? [node.inputs[0]!] : undefined),
};
