import * as ops from "../../../ops/index.js";
import { isFloat } from "../../../tensor/dtype.js";
import { divDims } from "../../../tensor/dim.js";
import { concreteDim } from "../../../tensor/dim.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

/** [B,T,N·D] as [B,N,T,D]; four axes stay as they are. */
function heads(call: Call, x: Tensor, count: number): Tensor {
  if (x.rank === 4) return x;
  const size = divDims(x.shape[2]!, count);
  if (x.rank !== 3 || count < 1 || size === undefined) throw call.broken(`[batch, steps, ${count} heads of features]`, x.toString());
  return ops.transpose(ops.reshape(x, [x.shape[0]!, x.shape[1]!, count, size]), [0, 2, 1, 3]);
}

/** Each head of keys and values serves several of queries. */
function shared(x: Tensor, times: number): Tensor {
  return times === 1 ? x : ops.repeat(x, times, 1);
}

/** softmax(Q·Kᵀ · scale + mask)·V, a head at a time. */
function attention(call: Call): Outputs {
  const x = call.tensor(0);
  const wanted = call.node.outputs.slice(3).some((name) => name !== "" && call.run.used(name));
  if (!isFloat(x.dtype) || wanted || call.has(6)) return undefined;
  const flat = x.rank === 3;
  const q = heads(call, x, call.int("q_num_heads", 0));
  const freshK = heads(call, call.tensor(1), call.int("kv_num_heads", 0));
  const freshV = heads(call, call.tensor(2), call.int("kv_num_heads", 0));
  const k = call.has(4) ? ops.concat([call.tensor(4), freshK], 2) : freshK;
  const v = call.has(5) ? ops.concat([call.tensor(5), freshV], 2) : freshV;
  const times = Number(q.shape[1]) / Number(k.shape[1]);
  if (!Number.isInteger(times)) throw call.broken("heads of queries that those of keys divide", `${String(q.shape[1])} and ${String(k.shape[1])}`);
  const scale = call.float("scale", 0) || 1 / Math.sqrt(concreteDim(q.shape[3]!, call.where));
  let scores = ops.mul(ops.matmul(q, shared(k, times), { transposeB: true }), scale);
  const cap = call.float("softcap", 0);
  const mask = call.optional(3);
  if (cap !== 0) scores = ops.mul(ops.tanh(ops.mul(scores, 1 / cap)), cap);
  if (mask !== undefined) scores = masked(scores, mask);
  if (call.flag("is_causal")) scores = causal(scores, call.has(4) ? concreteDim(call.tensor(4).shape[2]!, call.where) : 0);
  const weights = mask === undefined ? ops.softmax(scores, -1) : weightsOf(scores);
  const y = ops.matmul(weights, shared(v, times));
  const joined = flat ? ops.reshape(ops.transpose(y, [0, 2, 1, 3]), [y.shape[0]!, y.shape[2]!, -1]) : y;
  return [joined, k, v];
}

/** Booleans say what is seen; floats are added. */
function masked(scores: Tensor, mask: Tensor): Tensor {
  if (mask.dtype === "bool") return ops.where(mask, scores, ops.full([], -Infinity, scores.dtype));
  return ops.add(scores, mask);
}

/** Softmax over the last axis, and weights of 0 in a row that sees nothing. */
function weightsOf(scores: Tensor): Tensor {
  const blind = ops.equal(ops.max(scores, { axes: [-1], keepDims: true }), -Infinity);
  return ops.where(blind, 0, ops.softmax(ops.where(blind, 0, scores), -1));
}

/** Step i sees steps up to i, and all of the past. */
function causal(scores: Tensor, past: number): Tensor {
  const seen = ops.bandMask(scores.shape[2]!, scores.shape[3]!, { to: past });
  return ops.where(seen, scores, ops.full([], -Infinity, scores.dtype));
}

/** Pairs of features turned by an angle that grows with the position. */
function rotaryEmbedding(call: Call): Outputs {
  const x = call.tensor(0);
  if (!isFloat(x.dtype)) return undefined;
  const all = heads(call, x, call.int("num_heads", 0)); // [B,N,T,D]
  const size = concreteDim(all.shape[3]!, call.where);
  const turned = call.int("rotary_embedding_dim", 0) || size;
  const table = (i: number): Tensor => {
    const cache = call.has(3) ? ops.gather(call.tensor(i), call.tensor(3), 0) : call.tensor(i); // [B,T,D/2]
    return ops.expandDims(ops.sliceAlong(cache, -1, 0, turned / 2), 1);
  };
  const [cos, sin] = [table(1), table(2)];
  const part = ops.sliceAlong(all, 3, 0, turned);
  const result = call.flag("interleaved") ? interleaved(part, cos, sin, turned) : halves(part, cos, sin);
  const whole = turned === size ? result : ops.concat([result, ops.sliceAlong(all, 3, turned, size)], 3);
  return x.rank === 4 ? whole : ops.reshape(ops.transpose(whole, [0, 2, 1, 3]), x.shape);
}

function halves(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const [a, b] = ops.split(x, 2, 3) as readonly [Tensor, Tensor];
  return ops.concat([ops.sub(ops.mul(a, cos), ops.mul(b, sin)), ops.add(ops.mul(a, sin), ops.mul(b, cos))], 3);
}

function interleaved(x: Tensor, cos: Tensor, sin: Tensor, size: number): Tensor {
  const pairs = ops.reshape(x, [...x.shape.slice(0, 3), size / 2, 2]);
  const [a, b] = ops.unstack(pairs, 4) as [Tensor, Tensor];
  const turned = ops.stack([ops.sub(ops.mul(a, cos), ops.mul(b, sin)), ops.add(ops.mul(a, sin), ops.mul(b, cos))], 4);
  return ops.reshape(turned, x.shape);
}

export const attentions: Readonly<Record<string, Rule>> = { Attention: attention, RotaryEmbedding: rotaryEmbedding };
