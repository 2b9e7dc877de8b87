import { EPSILON } from "../../epsilon.js";
import type { Loss } from "../../losses/index.js";
import { sigmoidLogits, softmaxLogits } from "../../losses/logits.js";
import * as ops from "../../ops/index.js";
import type { Tensor } from "../../tensor/tensor.js";

/** A loss of what a teacher says and what a student says. */
export type SoftLoss = Loss;

/** What the outputs of a classifier are. */
export type Outputs = "probabilities" | "logits";

/** What the loss of a student depends on beside its own. */
export interface SoftOptions {
  readonly temperature: number;
  /** What the teacher's outputs are; undefined where softmax or sigmoid at their end tells, or its absence. */
  readonly teacherOutputs: Outputs | undefined;
}

/**
 * The loss for imitating a teacher that goes with a student's own loss: T²·KL(softmax(t/T) ‖ softmax(s/T))
 * for classes, the same of each sigmoid for binary ones, (s − t)² for measured values.
 */
export function softLoss(own: Loss, options: SoftOptions): SoftLoss {
  const { temperature, teacherOutputs } = options;
  const outputs = own.fromLogits === true ? "logits" : "probabilities";
  const call = /^Binary.*Crossentropy$/.test(own.className)
    ? (teacher: Tensor, student: Tensor): Tensor =>
        bernoulli(sigmoidOf(teacher, teacherOutputs), sigmoidOf(student, outputs), temperature)
    : /Categorical.*Crossentropy$/.test(own.className)
      ? (teacher: Tensor, student: Tensor): Tensor =>
          categorical(softmaxOf(teacher, teacherOutputs), softmaxOf(student, outputs), temperature)
      : (teacher: Tensor, student: Tensor): Tensor => ops.mean(ops.square(student.sub(ops.stopGradient(teacher))), { axes: -1 });
  return { className: "Distillation", config: {}, reduction: own.reduction, fromLogits: undefined, call };
}

/** T²·Σ p·(ln p − ln q) over the last axis. */
function categorical(teacher: Tensor, student: Tensor, temperature: number): Tensor {
  const logP = ops.logSoftmax(ops.stopGradient(teacher).div(temperature));
  const logQ = ops.logSoftmax(student.div(temperature));
  return ops.sum(ops.exp(logP).mul(logP.sub(logQ)), { axes: -1 }).mul(temperature ** 2);
}

/** T²·mean(p·(ln p − ln q) + (1 − p)·(ln(1 − p) − ln(1 − q))) over the last axis, with ln sigmoid(x) = −softplus(−x). */
function bernoulli(teacher: Tensor, student: Tensor, temperature: number): Tensor {
  const [t, s] = [ops.stopGradient(teacher).div(temperature), student.div(temperature)];
  const p = ops.sigmoid(t);
  const yes = p.mul(ops.softplus(s.neg()).sub(ops.softplus(t.neg())));
  const no = p.neg().add(1).mul(ops.softplus(s).sub(ops.softplus(t)));
  return ops.mean(yes.add(no), { axes: -1 }).mul(temperature ** 2);
}

/** Logits: those that a softmax has just taken, else the outputs or their logarithms, which softmax turns back. */
function softmaxOf(outputs: Tensor, are: Outputs | undefined): Tensor {
  if (are === "logits") return outputs;
  const logits = softmaxLogits(outputs, -1);
  if (logits !== undefined || are === undefined) return logits ?? outputs;
  return ops.log(outputs.clip(EPSILON, 1));
}

function sigmoidOf(outputs: Tensor, are: Outputs | undefined): Tensor {
  if (are === "logits") return outputs;
  const logits = sigmoidLogits(outputs);
  if (logits !== undefined || are === undefined) return logits ?? outputs;
  const p = outputs.clip(EPSILON, 1 - EPSILON);
  return ops.log(p).sub(ops.log(p.neg().add(1)));
}
