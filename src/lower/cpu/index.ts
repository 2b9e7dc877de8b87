import { dropIdentity } from "../layout/dropIdentity.js";
import { sinkTranspose } from "../layout/sinkTranspose.js";
import type { Rule } from "../rule.js";
import { gemm } from "./gemm.js";
import { kernelGradByProduct } from "./kernelGradByProduct.js";

/** The rules for ONNX Runtime's CPU provider, in the order in which they are applied. */
export const cpuRules: readonly Rule[] = [dropIdentity, sinkTranspose, kernelGradByProduct, gemm];
