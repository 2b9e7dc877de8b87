import type { Workload } from "../workload.js";
import { convnet } from "./convnet.js";
import { mlp } from "./mlp.js";
import { mlpSmall } from "./mlpSmall.js";

/** All workloads, in the order in which they run. */
export const workloads: readonly Workload[] = [mlpSmall, mlp, convnet];

/** Workloads that wait for layers, with what they wait for. */
export const planned: Readonly<Record<string, string>> = {};
