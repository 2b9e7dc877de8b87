import * as ops from "../../../ops/index.js";
import { isFloat } from "../../../tensor/dtype.js";
import { normalizeAxis, sameShape } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

/** A vector of channels beside [B, C, …]. */
function alongChannels(vector: Tensor, x: Tensor): Tensor {
  return ops.reshape(vector, [1, -1, ...x.shape.slice(2).map(() => 1)]);
}

function batchNormalization(call: Call): Outputs {
  const [x, scale, shift, mean, variance] = [0, 1, 2, 3, 4].map((i) => call.tensor(i)) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  if (!isFloat(x.dtype)) return undefined;
  const epsilon = call.float("epsilon", 1e-5);
  call.run.statistic(call.node.inputs[3]!);
  call.run.statistic(call.node.inputs[4]!);
  const running = call.node.outputs.slice(1, 3).map((name) => name !== "" && call.run.used(name));
  const trains = call.version >= 14 ? call.flag("training_mode") : call.node.outputs.length > 1;
  // Made for training: so it behaves while training, unless it is frozen, and with its running statistics else, unless somebody reads the new ones.
  const learns = call.run.training && !call.run.frozen(call.node.inputs[1]!);
  if (!trains || !(learns || running.includes(true))) {
    return ops.batchNormInference(x, scale, shift, mean, variance, { axis: 1, epsilon });
  }
  const momentum = call.float("momentum", 0.9);
  const [y, batchMean, batchVariance] = ops.batchNormTraining(x, scale, shift, { axis: 1, epsilon });
  const mixed = (old: Tensor, fresh: Tensor): Tensor => ops.add(ops.mul(old, momentum), ops.mul(fresh, 1 - momentum));
  const [newMean, newVariance] = [mixed(mean, batchMean), mixed(variance, batchVariance)];
  call.run.update(call.node.inputs[3]!, ops.stopGradient(newMean));
  call.run.update(call.node.inputs[4]!, ops.stopGradient(newVariance));
  return [y, newMean, newVariance];
}

function instanceNormalization(call: Call): Outputs {
  const x = call.tensor(0);
  if (!isFloat(x.dtype) || x.rank < 3) return undefined;
  const normal = ops.layerNorm(x, null, null, { axes: x.shape.map((_, i) => i).slice(2), epsilon: call.float("epsilon", 1e-5) });
  return ops.add(ops.mul(normal, alongChannels(call.tensor(1), x)), alongChannels(call.tensor(2), x));
}

/** Scale and bias are one a channel, or one a group before version 21. */
function groupNormalization(call: Call): Outputs {
  const [x, scale, shift] = [call.tensor(0), call.tensor(1), call.tensor(2)];
  const groups = call.int("num_groups", 0);
  const channels = x.shape[1];
  if (!isFloat(x.dtype) || typeof channels !== "number" || groups < 1 || channels % groups !== 0) return undefined;
  const grouped = ops.reshape(x, [x.shape[0]!, groups, channels / groups, ...x.shape.slice(2)]);
  const normal = ops.layerNorm(grouped, null, null, { axes: grouped.shape.map((_, i) => i).slice(2), epsilon: call.float("epsilon", 1e-5) });
  const each = (vector: Tensor): Tensor => {
    if (vector.shape[0] === channels) return alongChannels(vector, x);
    const spread = ops.broadcastTo(ops.expandDims(vector, 1), [groups, channels / groups]);
    return alongChannels(ops.reshape(spread, [channels]), x);
  };
  return ops.add(ops.mul(ops.reshape(normal, x.shape), each(scale)), each(shift));
}

function trailing(call: Call, x: Tensor): number[] {
  const axis = normalizeAxis(call.int("axis", -1), x.rank, call.where);
  return x.shape.map((_, i) => i).slice(axis);
}

function layerNormalization(call: Call): Outputs {
  const [x, scale, shift] = [call.tensor(0), call.tensor(1), call.optional(2)];
  if (!isFloat(x.dtype)) return undefined;
  return [normalized(x, scale, shift, trailing(call, x), call.float("epsilon", 1e-5)), ...statistics(call, x)];
}

function normalized(x: Tensor, scale: Tensor, shift: Tensor | undefined, axes: readonly number[], epsilon: number): Tensor {
  const sizes = x.shape.slice(axes[0]);
  const plain = sameShape(scale.shape, sizes) && (shift === undefined || sameShape(shift.shape, sizes));
  if (plain) return ops.layerNorm(x, scale, shift ?? null, { axes, epsilon });
  const scaled = ops.mul(ops.layerNorm(x, null, null, { axes, epsilon }), scale);
  return shift === undefined ? scaled : ops.add(scaled, shift);
}

/** Mean and inverse deviation, where somebody reads them. */
function statistics(call: Call, x: Tensor): Tensor[] {
  if (!call.node.outputs.slice(1).some((name) => name !== "" && call.run.used(name))) return [];
  const axes = trailing(call, x);
  const mean = ops.mean(x, { axes, keepDims: true });
  const variance = ops.mean(ops.square(ops.sub(x, mean)), { axes, keepDims: true });
  return [mean, ops.rsqrt(ops.add(variance, call.float("epsilon", 1e-5)))];
}

/** x / √(mean of squares + ε) · scale. */
function rms(x: Tensor, scale: Tensor, axes: readonly number[], epsilon: number): Tensor {
  return ops.mul(ops.mul(x, ops.rsqrt(ops.add(ops.mean(ops.mul(x, x), { axes, keepDims: true }), epsilon))), scale);
}

function rmsNormalization(call: Call): Outputs {
  const x = call.tensor(0);
  if (!isFloat(x.dtype) || call.node.outputs.length > 1) return undefined;
  return rms(x, call.tensor(1), trailing(call, x), call.float("epsilon", 1e-5));
}

/** The normalization of a sum, whose own value is the fourth output. */
function skipNormalization(call: Call): Outputs {
  const [x, skip, gamma, beta, bias] = [call.tensor(0), call.tensor(1), call.tensor(2), call.optional(3), call.optional(4)];
  const sum = ops.add(ops.add(x, skip), bias ?? ops.zeros([], x.dtype));
  return [normalized(sum, gamma, beta, [sum.rank - 1], call.float("epsilon", 1e-12)), undefined, undefined, sum];
}

function lpNormalization(call: Call): Outputs {
  const x = call.tensor(0);
  const p = call.int("p", 2);
  if (!isFloat(x.dtype)) return undefined;
  const norm = ops.norm(x, { ord: p, axes: call.int("axis", -1), keepDims: true });
  // Zeros stay zeros.
  return ops.div(x, ops.where(ops.equal(norm, 0), ops.onesLike(norm), norm));
}

function meanVariance(call: Call): Outputs {
  const x = call.tensor(0);
  const axes = (call.ints("axes") ?? [0, 2, 3]).map((axis) => normalizeAxis(axis, x.rank, call.where));
  const centered = ops.sub(x, ops.mean(x, { axes, keepDims: true }));
  const deviation = ops.sqrt(ops.mean(ops.mul(centered, centered), { axes, keepDims: true }));
  return ops.div(centered, ops.add(deviation, 1e-9));
}

/** x / (bias + alpha / size · Σ of squares over the channels around)^beta. */
function localResponse(call: Call): Outputs {
  const x = call.tensor(0);
  const size = call.int("size", 1);
  const channels = x.shape[1];
  if (!isFloat(x.dtype) || typeof channels !== "number" || size < 1 || size > 1000) return undefined;
  const before = Math.floor((size - 1) / 2);
  const padded = ops.pad(ops.mul(x, x), x.shape.map((_, i) => (i === 1 ? [before, size - 1 - before] : [0, 0])));
  const parts = Array.from({ length: size }, (_, i) => ops.sliceAlong(padded, 1, i, i + channels));
  const sum = parts.reduce((a, b) => ops.add(a, b));
  const base = ops.add(ops.mul(sum, call.float("alpha", 1e-4) / size), call.float("bias", 1));
  return ops.div(x, ops.pow(base, call.float("beta", 0.75)));
}

export const normalization: Readonly<Record<string, Rule>> = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVariance,
  RMSNormalization: rmsNormalization,
  SimplifiedLayerNormalization: rmsNormalization,
  "com.microsoft.SkipLayerNormalization": skipNormalization,
};
