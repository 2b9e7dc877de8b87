import { dropBroadcast } from "../layout/dropBroadcast.js";
import { dropIdentity } from "../layout/dropIdentity.js";
import { sinkTranspose } from "../layout/sinkTranspose.js";
import type { Rule } from "../rule.js";

/** The rules for ONNX Runtime's WebGPU provider, in the order in which they are applied. */
export const webGpuRules: readonly Rule[] = [dropIdentity, dropBroadcast, sinkTranspose];
