import type { Workload } from "../workload.js";
import { autoencoder } from "./autoencoder.js";
import { bertMini } from "./bertMini.js";
import { convnet } from "./convnet.js";
import { gptMid, gptNano } from "./gpt.js";
import { lstm } from "./lstm.js";
import { mlp } from "./mlp.js";
import { mlpSmall } from "./mlpSmall.js";
import { resnet20 } from "./resnet20.js";
import { twoTower } from "./twoTower.js";
import { unet } from "./unet.js";
import { xceptionMini } from "./xceptionMini.js";

/** All workloads, in the order in which they run. */
export const workloads: readonly Workload[] = [
  mlpSmall,
  mlp,
  autoencoder,
  twoTower,
  convnet,
  resnet20,
  unet,
  xceptionMini,
  lstm,
  gptNano,
  gptMid,
  bertMini,
];
