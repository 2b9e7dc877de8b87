import { dropBroadcast } from "../layout/dropBroadcast.js";
import { dropIdentity } from "../layout/dropIdentity.js";
import { sinkTranspose } from "../layout/sinkTranspose.js";
import type { Rule } from "../rule.js";
import { joinSteps } from "../layout/joinSteps.js";
import { gemm } from "./gemm.js";
import { gradientsFirst } from "./gradientsFirst.js";
import { joinProducts } from "./joinProducts.js";
import { kernelGradByProduct } from "./kernelGradByProduct.js";
import { poolMask } from "./poolMask.js";
import { recompute } from "./recompute.js";
import { reluMask } from "./reluMask.js";

/** The rules for ONNX Runtime's CPU provider, in the order in which they are applied; `layout` has those for images. */
export function cpuRules(layout: readonly Rule[] = []): readonly Rule[] {
  return [dropIdentity, dropBroadcast, sinkTranspose, reluMask, poolMask, ...layout, kernelGradByProduct, joinProducts, joinSteps, gemm, gradientsFirst, recompute];
}
