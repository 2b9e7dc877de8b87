import { convInputGrad, conv, convKernelGrad } from "../../../ops/nn/conv.js";
import type { Rule } from "../../rule.js";
import { convolve, convolveBack } from "./convolution.js";
import { elementwiseInBlocks } from "./elementwise.js";
import { fuseBlocked } from "./fuse.js";
import { convolveKernel } from "./kernelGrad.js";
import { poolBlocks } from "./pooling.js";
import { reduceBlocks } from "./reduce.js";
import { reshapeBlocks } from "./shape.js";

/** The rules for images in blocks of `block` channels, in the order in which they are applied. */
export function blockedRules(block: number): readonly Rule[] {
  return [blocked(block), fuseBlocked];
}

/**
 * Keeps images in the layout that ONNX Runtime's convolutions are fastest in, blocks of `block`
 * channels, from one convolution to the next, forward and backward.
 */
function blocked(block: number): Rule {
  return {
    name: "blocked",
    rewrite: (node) => {
      if (node.op === conv) return convolve(node, block);
      if (node.op === convInputGrad) return convolveBack(node, block);
      if (node.op === convKernelGrad) return convolveKernel(node, block);
      return elementwiseInBlocks(node, block) ?? poolBlocks(node, block) ?? reduceBlocks(node) ?? reshapeBlocks(node, block);
    },
  };
}
