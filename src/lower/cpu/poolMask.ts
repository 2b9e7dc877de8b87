import { nodeOf } from "../../graph/node.js";
import { mul } from "../../ops/elementwise/binary.js";
import { maxPoolGrad } from "../../ops/nn/pool.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";
import { step } from "./reluMask.js";

/**
 * The mask of a ReLU before max pooling is taken after it, where there are fewer elements: a gradient goes to elements
 * that are as large as their window's result, so that one is above 0 where the other is.
 */
export const poolMask: Rule = {
  name: "poolMask",
  rewrite: (node, context) => {
    if (node.op !== mul) return undefined;
    for (const [grad, mask] of [node.inputs, node.inputs.toReversed()] as [Tensor, Tensor][]) {
      const pool = nodeOf(grad);
      const masked = nodeOf(mask);
      if (pool?.op !== maxPoolGrad || masked?.op !== step || context.uses(grad) > 1) continue;
      const [x, y, g] = pool.inputs as readonly [Tensor, Tensor, Tensor];
      if (masked.inputs[0] === x) return [maxPoolGrad(x, y, mul(g, step(y)), pool.attrs as unknown as Parameters<typeof maxPoolGrad>[3])];
    }
    return undefined;
  },
};
