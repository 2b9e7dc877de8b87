import * as ops from "../../../ops/index.js";
import { concreteDim } from "../../../tensor/dim.js";
import { isFloat } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

type Activation = (x: Tensor) => Tensor;

/** By name, with the two numbers that some take. */
const ACTIVATIONS: Readonly<Record<string, (alpha: number | undefined, beta: number | undefined) => Activation>> = {
  affine: (alpha = 1, beta = 0) => (x) => ops.add(ops.mul(x, alpha), beta),
  elu: (alpha = 1) => (x) => ops.where(ops.greater(x, 0), x, ops.mul(ops.expm1(ops.minimum(x, 0)), alpha)),
  hardsigmoid: (alpha = 0.2, beta = 0.5) => (x) => ops.clip(ops.add(ops.mul(x, alpha), beta), 0, 1),
  leakyrelu: (alpha = 0.01) => (x) => ops.where(ops.greater(x, 0), x, ops.mul(x, alpha)),
  relu: () => ops.relu,
  scaledtanh: (alpha = 1, beta = 1) => (x) => ops.mul(ops.tanh(ops.mul(x, beta)), alpha),
  sigmoid: () => ops.sigmoid,
  softplus: () => ops.softplus,
  softsign: () => (x) => ops.div(x, ops.add(ops.abs(x), 1)),
  tanh: () => ops.tanh,
  thresholdedrelu: (alpha = 1) => (x) => ops.where(ops.greater(x, alpha), x, ops.zerosLike(x)),
};

/** One direction: its weights, and the states that go from step to step. */
interface Cell {
  /** What the input gives to the gates, biases included. [T,B,gates·H] */
  readonly inputs: Tensor;
  /** [H,gates·H] */
  readonly recurrent: Tensor;
  /** The recurrent part of the bias, where it is kept apart. [gates·H] */
  readonly bias: Tensor;
  readonly peephole: Tensor | undefined;
  readonly activations: readonly Activation[];
  readonly clip: Activation;
}

type Step = (cell: Cell, input: Tensor, states: readonly Tensor[], call: Call) => readonly Tensor[];

interface Kind {
  readonly gates: number;
  readonly states: 1 | 2;
  readonly defaults: readonly string[];
  /** Whether the recurrent bias is added before the gates are taken apart. */
  readonly joinsBias: (call: Call) => boolean;
  readonly step: Step;
}

/** Longer sequences run in one node, without gradients. */
const MAX_STEPS = 5000;

const parts = (x: Tensor, count: number): readonly Tensor[] => ops.split(x, count, -1);

const lstm: Kind = {
  gates: 4,
  states: 2,
  defaults: ["Sigmoid", "Tanh", "Tanh"],
  joinsBias: () => true,
  step: ({ recurrent, peephole, activations: [f, g, h], clip }, input, [state, memory], call) => {
    const [i, o, forget, c] = parts(ops.add(input, ops.matmul(state!, recurrent)), 4) as [Tensor, Tensor, Tensor, Tensor];
    const [pi, po, pf] = peephole === undefined ? [] : parts(peephole, 3);
    const seen = (gate: Tensor, weight: Tensor | undefined, cell: Tensor): Tensor =>
      f!(clip(weight === undefined ? gate : ops.add(gate, ops.mul(weight, cell))));
    const entering = seen(i, pi, memory!);
    const kept = call.flag("input_forget") ? ops.sub(1, entering) : seen(forget, pf, memory!);
    const next = ops.add(ops.mul(kept, memory!), ops.mul(entering, g!(clip(c))));
    return [ops.mul(seen(o, po, next), h!(next)), next];
  },
};

const gru: Kind = {
  gates: 3,
  states: 1,
  defaults: ["Sigmoid", "Tanh"],
  joinsBias: () => false,
  step: ({ recurrent, bias, activations: [f, g], clip }, input, [state], call) => {
    const [xz, xr, xh] = parts(input, 3) as [Tensor, Tensor, Tensor];
    const [rz, rr, rh] = parts(recurrent, 3) as [Tensor, Tensor, Tensor];
    const [bz, br, bh] = parts(bias, 3) as [Tensor, Tensor, Tensor];
    const z = f!(clip(ops.add(xz, ops.add(ops.matmul(state!, rz), bz))));
    const r = f!(clip(ops.add(xr, ops.add(ops.matmul(state!, rr), br))));
    const before = call.flag("linear_before_reset");
    const past = before ? ops.mul(r, ops.add(ops.matmul(state!, rh), bh)) : ops.add(ops.matmul(ops.mul(r, state!), rh), bh);
    const candidate = g!(clip(ops.add(xh, past)));
    return [ops.add(ops.mul(ops.sub(1, z), candidate), ops.mul(z, state!))];
  },
};

const rnn: Kind = {
  gates: 1,
  states: 1,
  defaults: ["Tanh"],
  joinsBias: () => true,
  step: ({ recurrent, activations: [f], clip }, input, [state]) => [f!(clip(ops.add(input, ops.matmul(state!, recurrent))))],
};

/** Unrolls the steps of one or two directions. */
function unrolled(kind: Kind): Rule {
  return (call): Outputs => {
    const batchFirst = call.flag("layout");
    const x = batchFirst ? ops.swapAxes(call.tensor(0), 0, 1) : call.tensor(0); // [T,B,C]
    // In a graph with free dimensions the node itself is shorter than its steps.
    if (!isFloat(x.dtype) || x.shape.some((dim) => typeof dim === "string") || Number(x.shape[0]) > MAX_STEPS) return undefined;
    const direction = call.string("direction", "forward");
    const count = direction === "bidirectional" ? 2 : 1;
    const runs = Array.from({ length: count }, (_, d) => oneDirection(kind, call, x, d, direction === "reverse" || d === 1));
    const layered = (tensors: readonly Tensor[]): Tensor => ops.stack(tensors, batchFirst ? 1 : 0);
    const y = ops.stack(runs.map(({ outputs }) => outputs), 1); // [T,D,B,H]
    const finals = Array.from({ length: kind.states }, (_, s) => layered(runs.map(({ states }) => states[s]!)));
    return [batchFirst ? ops.transpose(y, [2, 0, 1, 3]) : y, ...finals];
  };
}

function oneDirection(kind: Kind, call: Call, x: Tensor, d: number, reverse: boolean): { outputs: Tensor; states: readonly Tensor[] } {
  const [steps, batch] = x.shape as readonly [number, number];
  const own = (i: number): Tensor | undefined => {
    const all = call.optional(i);
    return all && ops.squeeze(ops.sliceAlong(all, 0, d, d + 1), 0);
  };
  const [w, r] = [own(1), own(2)];
  if (w === undefined || r === undefined) throw call.broken("weights W and R", "none");
  const hidden = concreteDim(r.shape[1]!, call.where);
  const [bias, recurrentBias] = splitBias(own(3), kind.gates * hidden, x);
  const joined = kind.joinsBias(call) ? ops.add(bias, recurrentBias) : bias;
  const cell: Cell = {
    inputs: ops.add(ops.matmul(x, w, { transposeB: true }), joined),
    recurrent: ops.transpose(r),
    bias: recurrentBias,
    peephole: own(7),
    activations: activationsOf(kind, call, d),
    clip: clipOf(call),
  };
  const initial = (i: number): Tensor => {
    const all = call.optional(i);
    if (all === undefined) return ops.zeros([batch, hidden], x.dtype);
    return ops.squeeze(ops.sliceAlong(all, call.flag("layout") ? 1 : 0, d, d + 1), call.flag("layout") ? 1 : 0);
  };
  return walk(kind, call, cell, [initial(5), ...(kind.states === 2 ? [initial(6)] : [])], steps, reverse);
}

function walk(kind: Kind, call: Call, cell: Cell, first: readonly Tensor[], steps: number, reverse: boolean): { outputs: Tensor; states: readonly Tensor[] } {
  const lengths = call.optional(4);
  const rows = ops.unstack(cell.inputs, 0);
  const outputs: Tensor[] = [];
  let states = first;
  for (let i = 0; i < steps; i++) {
    const t = reverse ? steps - 1 - i : i;
    const next = kind.step(cell, rows[t]!, states, call);
    if (lengths === undefined) {
      states = next;
      outputs[t] = next[0]!;
      continue;
    }
    // A sequence that is over, or has not begun from behind, keeps its state and gives zeros.
    const running = ops.expandDims(ops.greater(lengths, t), 1);
    states = next.map((state, s) => ops.where(running, state, states[s]!));
    outputs[t] = ops.where(running, next[0]!, ops.zerosLike(next[0]!));
  }
  return { outputs: ops.stack(outputs, 0), states };
}

function splitBias(both: Tensor | undefined, size: number, x: Tensor): readonly [Tensor, Tensor] {
  if (both === undefined) return [ops.zeros([size], x.dtype), ops.zeros([size], x.dtype)];
  return ops.split(both, 2, 0) as readonly [Tensor, Tensor];
}

function activationsOf(kind: Kind, call: Call, d: number): Activation[] {
  const names = call.strings("activations");
  const [alphas, betas] = [[...(call.floats("activation_alpha") ?? [])], [...(call.floats("activation_beta") ?? [])]];
  const all = names === undefined || names.length === 0 ? [...kind.defaults, ...kind.defaults] : names;
  const made = all.map((name) => {
    const make = ACTIVATIONS[name.toLowerCase()];
    if (make === undefined) throw call.broken(`activations among ${Object.keys(ACTIVATIONS).join(", ")}`, name);
    // The numbers are listed for those activations alone that take them.
    const takes = TAKING[name.toLowerCase()] ?? 0;
    return make(takes > 0 ? alphas.shift() : undefined, takes > 1 ? betas.shift() : undefined);
  });
  const count = kind.defaults.length;
  return made.slice(made.length > count ? d * count : 0).slice(0, count);
}

const TAKING: Readonly<Record<string, number>> = { affine: 2, elu: 1, hardsigmoid: 2, leakyrelu: 1, scaledtanh: 2, thresholdedrelu: 1 };

function clipOf(call: Call): Activation {
  const bound = call.float("clip", 0);
  return bound > 0 ? (x) => ops.clip(x, -bound, bound) : (x) => x;
}

export const recurrent: Readonly<Record<string, Rule>> = { GRU: unrolled(gru), LSTM: unrolled(lstm), RNN: unrolled(rnn) };
