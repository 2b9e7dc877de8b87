import * as ops from "../../../ops/index.js";
import { isFloat } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

/** A function of floats; others stay as they are. */
const ofFloats =
  (compute: (x: Tensor, call: Call) => Tensor): Rule =>
  (call) =>
    isFloat(call.value(0).dtype) ? compute(call.tensor(0), call) : undefined;

/** x where it is above 0, else what `below` makes of it. */
function elu(x: Tensor, alpha: number): Tensor {
  return ops.where(ops.greater(x, 0), x, ops.mul(ops.expm1(ops.minimum(x, 0)), alpha));
}

function exactGelu(x: Tensor): Tensor {
  return ops.mul(ops.mul(x, 0.5), ops.add(ops.erf(ops.mul(x, Math.SQRT1_2)), 1));
}

/** By tanh(√(2/π) · (x + 0.044715 · x³)). */
function tanhGelu(x: Tensor): Tensor {
  const cubed = ops.mul(ops.mul(ops.mul(x, x), x), 0.044715);
  return ops.mul(ops.mul(x, 0.5), ops.add(ops.tanh(ops.mul(ops.add(x, cubed), Math.sqrt(2 / Math.PI))), 1));
}

function hardSigmoid(x: Tensor, alpha: number, beta: number): Tensor {
  return ops.clip(ops.add(ops.mul(x, alpha), beta), 0, 1);
}

function withBias(call: Call): Tensor {
  const bias = call.optional(1);
  return bias === undefined ? call.tensor(0) : ops.add(call.tensor(0), bias);
}

/** Before version 13 everything from the axis on is one distribution. */
function softmaxLike(compute: (x: Tensor, axis: number) => Tensor): Rule {
  return (call): Outputs => {
    const x = call.tensor(0);
    if (call.version >= 13 || x.rank === 0) return x.rank === 0 ? undefined : compute(x, call.int("axis", -1));
    const axis = call.int("axis", 1);
    const at = axis < 0 ? axis + x.rank : axis;
    if (at === x.rank - 1) return compute(x, -1);
    const flat = ops.reshape(x, [...x.shape.slice(0, at), -1]);
    return ops.reshape(compute(flat, -1), x.shape);
  };
}

/** One where it is the first largest along the axis. */
function hardmax(x: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.rank : axis;
  const hot = ops.oneHot(ops.argMax(x, at), Number(x.shape[at]), x.dtype);
  return ops.moveAxis(hot, -1, at);
}

export const activations: Readonly<Record<string, Rule>> = {
  Celu: ofFloats((x, call) => {
    const alpha = call.float("alpha", 1);
    return ops.where(ops.greater(x, 0), x, ops.mul(ops.expm1(ops.mul(ops.minimum(x, 0), 1 / alpha)), alpha));
  }),
  Elu: ofFloats((x, call) => elu(x, call.float("alpha", 1))),
  Gelu: ofFloats((x, call) => (call.string("approximate", "none") === "tanh" ? tanhGelu(x) : exactGelu(x))),
  HardSigmoid: ofFloats((x, call) => hardSigmoid(x, call.float("alpha", 0.2), call.float("beta", 0.5))),
  HardSwish: ofFloats((x) => ops.mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Hardmax: softmaxLike(hardmax),
  LeakyRelu: ofFloats((x, call) => ops.where(ops.greater(x, 0), x, ops.mul(x, call.float("alpha", 0.01)))),
  LogSoftmax: softmaxLike(ops.logSoftmax),
  Mish: ofFloats((x) => ops.mul(x, ops.tanh(ops.softplus(x)))),
  PRelu: ofFloats((x, call) => ops.where(ops.greater(x, 0), x, ops.mul(x, call.tensor(1)))),
  Relu: ofFloats(ops.relu),
  Selu: ofFloats((x, call) => ops.mul(elu(x, call.float("alpha", 1.6732632423543772)), call.float("gamma", 1.0507009873554805))),
  Shrink: ofFloats((x, call) => {
    const [bias, lambda] = [call.float("bias", 0), call.float("lambd", 0.5)];
    const zero = ops.zerosLike(x);
    return ops.where(ops.less(x, -lambda), ops.add(x, bias), ops.where(ops.greater(x, lambda), ops.sub(x, bias), zero));
  }),
  Softmax: softmaxLike(ops.softmax),
  Softplus: ofFloats(ops.softplus),
  Softsign: ofFloats((x) => ops.div(x, ops.add(ops.abs(x), 1))),
  Swish: ofFloats((x, call) => ops.mul(x, ops.sigmoid(ops.mul(x, call.float("alpha", 1))))),
  ThresholdedRelu: ofFloats((x, call) => ops.where(ops.greater(x, call.float("alpha", 1)), x, ops.zerosLike(x))),
  "com.microsoft.BiasGelu": (call) => exactGelu(withBias(call)),
  "com.microsoft.FastGelu": (call) => tanhGelu(withBias(call)),
  "com.microsoft.Gelu": ofFloats(exactGelu),
  "com.microsoft.QuickGelu": ofFloats((x, call) => ops.mul(x, ops.sigmoid(ops.mul(x, call.float("alpha", 1.702))))),
};
