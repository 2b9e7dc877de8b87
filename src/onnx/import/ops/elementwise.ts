import * as ops from "../../../ops/index.js";
import { type DType, isFloat } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { dtypeOfElementType } from "../../proto.js";
import type { Call, Outputs, Rule } from "../call.js";

/** A function of floats; others stay as they are. */
const ofFloats =
  (compute: (x: Tensor) => Tensor): Rule =>
  (call) =>
    isFloat(call.value(0).dtype) ? compute(call.tensor(0)) : undefined;

const always =
  (compute: (x: Tensor) => Tensor): Rule =>
  (call) =>
    compute(call.tensor(0));

const ofTwo =
  (compute: (x: Tensor, y: Tensor) => Tensor): Rule =>
  (call) =>
    compute(call.tensor(0), call.tensor(1));

/** Any number of operands, two at a time. */
const ofMany =
  (compute: (x: Tensor, y: Tensor) => Tensor): Rule =>
  (call) =>
    call.inputs.map((_, i) => call.tensor(i)).reduce(compute);

function clip(call: Call): Outputs {
  const x = call.tensor(0);
  const bound = (i: number, name: string): Tensor | number | undefined => {
    if (call.version < 11) return call.attribute(name) === undefined ? undefined : call.float(name, 0);
    const value = call.inputs[i];
    if (value === undefined) return undefined;
    const { items } = value;
    return typeof items?.[0] === "number" && isFloat(x.dtype) ? items[0] : ops.reshape(value.tensor, []);
  };
  const [low, high] = [bound(1, "min"), bound(2, "max")];
  if (typeof low === "number" && typeof high === "number" && low <= high) return ops.clip(x, low, high);
  const raised = low === undefined ? x : ops.maximum(x, low);
  return high === undefined ? raised : ops.minimum(raised, high);
}

function pow(call: Call): Outputs {
  const [x, y] = [call.tensor(0), call.tensor(1)];
  const power = call.value(1).items;
  if (power?.length === 1 && isFloat(x.dtype)) {
    if (power[0] === 2) return ops.mul(x, x);
    if (power[0] === 0.5) return ops.sqrt(x);
    if (power[0] === 1) return ops.identity(x);
  }
  return ops.pow(x, ops.cast(y, x.dtype));
}

/** The dtype that attribute `to` names; none for those that tensors cannot have. */
function target(call: Call): DType | undefined {
  return dtypeOfElementType(call.int("to", 0));
}

function mod(call: Call): Outputs {
  const [x, y] = [call.tensor(0), call.tensor(1)];
  if (call.flag("fmod")) return ops.remainder(x, y);
  return isFloat(x.dtype) ? undefined : ops.mod(x, y);
}

/** Booleans are compared as such. */
function xor(call: Call): Outputs {
  return ops.notEqual(call.tensor(0), call.tensor(1));
}

export const elementwise: Readonly<Record<string, Rule>> = {
  Abs: always(ops.abs),
  Acos: ofFloats(ops.acos),
  Acosh: ofFloats(ops.acosh),
  Add: ofTwo(ops.add),
  And: ofTwo(ops.logicalAnd),
  Asin: ofFloats(ops.asin),
  Asinh: ofFloats(ops.asinh),
  Atan: ofFloats(ops.atan),
  Atanh: ofFloats(ops.atanh),
  Cast: (call) => {
    const to = target(call);
    return to === undefined ? undefined : ops.cast(call.tensor(0), to);
  },
  CastLike: (call) => ops.cast(call.tensor(0), call.value(1).dtype),
  Ceil: ofFloats(ops.ceil),
  Clip: clip,
  Cos: ofFloats(ops.cos),
  Cosh: ofFloats(ops.cosh),
  Div: ofTwo(ops.div),
  Equal: ofTwo(ops.equal),
  Erf: ofFloats(ops.erf),
  Exp: ofFloats(ops.exp),
  Floor: ofFloats(ops.floor),
  Greater: ofTwo(ops.greater),
  GreaterOrEqual: ofTwo(ops.greaterEqual),
  Identity: always(ops.identity),
  IsInf: (call) => (call.int("detect_negative", 1) === 1 && call.int("detect_positive", 1) === 1 ? ops.isInfinite(call.tensor(0)) : undefined),
  IsNaN: ofFloats(ops.isNaN),
  Less: ofTwo(ops.less),
  LessOrEqual: ofTwo(ops.lessEqual),
  Log: ofFloats(ops.log),
  Max: ofMany(ops.maximum),
  Mean: (call) => ops.mul(call.inputs.map((_, i) => call.tensor(i)).reduce((x, y) => ops.add(x, y)), 1 / call.inputs.length),
  Min: ofMany(ops.minimum),
  Mod: mod,
  Mul: ofTwo(ops.mul),
  Neg: always(ops.neg),
  Not: always(ops.logicalNot),
  Or: ofTwo(ops.logicalOr),
  Pow: pow,
  Reciprocal: ofFloats(ops.reciprocal),
  Round: ofFloats(ops.round),
  Sigmoid: ofFloats(ops.sigmoid),
  Sign: always(ops.sign),
  Sin: ofFloats(ops.sin),
  Sinh: ofFloats(ops.sinh),
  Sqrt: ofFloats(ops.sqrt),
  Sub: ofTwo(ops.sub),
  Sum: ofMany(ops.add),
  Tan: ofFloats(ops.tan),
  Tanh: ofFloats(ops.tanh),
  Where: (call) => ops.where(call.tensor(0), call.tensor(1), call.tensor(2)),
  Xor: xor,
};
