import type { NodeProto } from "../../onnx/proto.js";
import type { Core } from "./cores.js";
import type { Draft } from "./draft.js";
import { type Quantizer, type Range, quantizerOf } from "./ranges.js";
import { quantizeWeights } from "./weights.js";

/** Operators that 8-bit values pass through as they are. */
const MOVES = new Set(["Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "MaxPool"]);
/** Operators between convolutions that are faster in 8 bits than values are turned into floats and back. */
const MIXES = new Set(["Add", "Concat", "AveragePool", "GlobalAveragePool"]);

/** Biases are 32-bit numbers to which products are added without leaving their range. */
const LARGEST_BIAS = 2 ** 30;

/** Which values of a graph become 8 bits, and by which operators. */
export interface Plan {
  readonly cores: readonly Core[];
  readonly passing: ReadonlySet<NodeProto>;
  /** In the order of the graph. */
  readonly values: ReadonlySet<string>;
}

/**
 * Plans a graph of 8-bit convolutions and products. The results of convolutions are 8 bits in any
 * case, as there is no faster form without; other values where an 8-bit operator reads them.
 */
export function planStatic(draft: Draft, cores: readonly Core[]): Plan {
  const consumers = draft.consumers();
  const wanted = new Set<string>();
  for (const { node } of cores) {
    wanted.add(node.inputs[0]!);
    if (node.opType === "Conv") wanted.add(resultOf(draft, node, consumers));
  }
  const passing = new Set<NodeProto>();
  for (const node of draft.nodes.toReversed()) {
    const known = node.domain === "" && node.outputs.length === 1 && (MOVES.has(node.opType) || MIXES.has(node.opType));
    if (!known || !wanted.has(resultOf(draft, node, consumers))) continue;
    const operands = operandsOf(node);
    if (operands.some((name) => draft.initializers.has(name))) continue;
    passing.add(node);
    for (const name of operands) wanted.add(name);
  }
  return { cores, passing, values: wanted };
}

/** What an operator gives, after the rectifier behind it if nobody else reads what comes before that. */
function resultOf(draft: Draft, node: NodeProto, consumers: ReadonlyMap<string, readonly NodeProto[]>): string {
  const [output] = node.outputs as [string];
  const [next, ...others] = consumers.get(output) ?? [];
  const rectified = next !== undefined && others.length === 0 && next.domain === "" && /^(Relu|Clip)$/.test(next.opType) && !draft.isPort(output);
  return rectified && next.inputs[0] === output ? next.outputs[0]! : output;
}

/** The inputs that hold values and no shapes. */
function operandsOf(node: NodeProto): readonly string[] {
  return MIXES.has(node.opType) ? node.inputs : node.inputs.slice(0, 1);
}

/** Writes 8-bit values into the graph as pairs of QuantizeLinear and DequantizeLinear, by which runtimes find them. */
export function quantizeStatic(draft: Draft, plan: Plan, ranges: ReadonlyMap<string, Range>): void {
  const consumers = draft.consumers();
  const quantizers = shared(plan, ranges);
  const replaced = new Map<NodeProto, NodeProto>();
  const ofInt8 = new Set([...plan.cores.map(({ node }) => node), ...plan.passing]);
  const computed = new Set([...ofInt8].filter(({ opType }) => opType !== "MatMul" && opType !== "Gemm").map((node) => resultOf(draft, node, consumers)));
  for (const { node, weight, data, shape, axis } of plan.cores) {
    const bias = node.inputs[2] ?? "";
    const unit = quantizers.get(node.inputs[0]!)!.scale;
    const least = draft.floats(bias)?.map((value) => Math.abs(value) / unit / LARGEST_BIAS);
    const { values, scales } = quantizeWeights(data, shape, axis, least);
    const inputs = [node.inputs[0]!, dequantized(draft, weight, values, scales, shape, axis)];
    if (bias !== "") inputs.push(quantizedBias(draft, bias, unit, scales));
    replaced.set(node, { ...node, inputs });
  }
  const rewired = new Map<string, string>();
  const raw = new Map<string, string>();
  for (const [name, { scale, zeroPoint }] of quantizers) {
    // A port keeps its name, and what is computed in 8 bits needs another.
    const source = computed.has(name) && draft.isPort(name) ? draft.fresh(`${name}/raw`) : name;
    if (source !== name) raw.set(name, source);
    const scaleName = draft.store(`${name}/scale`, Float32Array.of(scale), [], "float32");
    const zeroName = draft.store(`${name}/zero`, Uint8Array.of(zeroPoint), [], "uint8");
    const quantized = draft.add("QuantizeLinear", [source, scaleName, zeroName], {}, draft.fresh(`${name}/quantized`));
    rewired.set(name, draft.add("DequantizeLinear", [quantized, scaleName, zeroName], {}, source === name ? draft.fresh(`${name}/dequantized`) : name));
  }
  const own = new Set(draft.nodes.slice(-2 * quantizers.size));
  draft.nodes = draft.nodes.map((node) => {
    if (own.has(node)) return node;
    const base = replaced.get(node) ?? node;
    const inputs = base.inputs.map((name) => (ofInt8.has(node) || computed.has(name) ? (rewired.get(name) ?? name) : name));
    return { ...base, inputs, outputs: base.outputs.map((name) => raw.get(name) ?? name) };
  });
}

/** How each value is quantized; operators that only move values keep that of their input. */
function shared(plan: Plan, ranges: ReadonlyMap<string, Range>): ReadonlyMap<string, Quantizer> {
  const leader = new Map<string, string>();
  const leaderOf = (name: string): string => {
    const above = leader.get(name);
    return above === undefined ? name : leaderOf(above);
  };
  for (const { opType, inputs, outputs } of plan.passing) {
    if (!MOVES.has(opType) || !plan.values.has(outputs[0]!)) continue;
    const [from, to] = [leaderOf(inputs[0]!), leaderOf(outputs[0]!)];
    if (from !== to) leader.set(to, from);
  }
  const joined = new Map<string, Range>();
  for (const name of plan.values) {
    const [range, before] = [ranges.get(name)!, joined.get(leaderOf(name))];
    joined.set(leaderOf(name), before === undefined ? range : { low: Math.min(range.low, before.low), high: Math.max(range.high, before.high) });
  }
  return new Map([...plan.values].map((name) => [name, quantizerOf(joined.get(leaderOf(name))!)]));
}

/** A weight stored in 8 bits, as the float that it stands for. */
function dequantized(draft: Draft, weight: string, values: Int8Array, scales: Float32Array, shape: readonly number[], axis: number): string {
  const stored = draft.store(`${weight}/int8`, values, shape, "int8");
  const scale = draft.store(`${weight}/scales`, scales, [scales.length], "float32");
  const zero = draft.store(`${weight}/zeros`, new Int8Array(scales.length), [scales.length], "int8");
  return draft.add("DequantizeLinear", [stored, scale, zero], { axis }, draft.fresh(`${weight}/dequantized`));
}

/** A bias as 32-bit whole numbers in the unit of the sums that it is added to. */
function quantizedBias(draft: Draft, name: string, inputScale: number, weightScales: Float32Array): string {
  const bias = draft.floats(name)!;
  const scales = weightScales.map((scale) => scale * inputScale);
  const stored = draft.store(`${name}/int32`, Int32Array.from(bias, (value, c) => Math.round(value / scales[c]!)), [bias.length], "int32");
  const scale = draft.store(`${name}/scales`, scales, [bias.length], "float32");
  const zero = draft.store(`${name}/zeros`, new Int32Array(bias.length), [bias.length], "int32");
  return draft.add("DequantizeLinear", [stored, scale, zero], { axis: 0 }, draft.fresh(`${name}/dequantized`));
}
