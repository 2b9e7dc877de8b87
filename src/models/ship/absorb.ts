import type { NodeProto } from "../../onnx/proto.js";
import type { Draft } from "./draft.js";

/**
 * Takes additions and multiplications by stored values, which biases and batch normalizations are,
 * into the weights of the convolution before them; limits from both sides become Clip.
 */
export function absorb(draft: Draft): void {
  while (step(draft));
  draft.prune();
}

function step(draft: Draft): boolean {
  const producers = draft.producers();
  const consumers = draft.consumers();
  for (const node of draft.nodes) {
    if (node.domain !== "" || node.inputs.length !== 2) continue;
    const at = node.inputs.findIndex((name) => !draft.isFloat(name));
    const [value = "", constant = ""] = [node.inputs[at], node.inputs[1 - at]];
    if (!draft.isFloat(constant)) continue;
    const before = producers.get(value);
    if (before === undefined || before.domain !== "" || consumers.get(value)!.length > 1 || draft.isPort(value)) continue;
    const merged = before.opType === "Conv" ? intoConv(draft, before, node, constant, at) : limits(draft, before, node, constant);
    if (merged === undefined) continue;
    draft.replace(new Map([[node, [merged]], [before, []]]));
    return true;
  }
  return false;
}

/** What an operator with a stored operand does to each channel: x·scale + shift. */
function affine(opType: string, c: number, valueFirst: boolean): readonly [scale: number, shift: number] | undefined {
  if (opType === "Add") return [1, c];
  if (opType === "Mul") return [c, 0];
  if (opType === "Sub") return valueFirst ? [1, -c] : [-1, c];
  return opType === "Div" && valueFirst ? [1 / c, 0] : undefined;
}

function intoConv(draft: Draft, conv: NodeProto, node: NodeProto, constant: string, at: number): NodeProto | undefined {
  const [x, kernel, bias = ""] = conv.inputs as [string, string, string?];
  const weights = draft.floats(kernel);
  const old = bias === "" ? undefined : draft.floats(bias);
  if (weights === undefined || (bias !== "" && old === undefined)) return undefined;
  const { shape } = draft.initializers.get(kernel)!;
  const channels = shape[0]!;
  const factors = perChannel(draft, constant, shape.length, channels);
  if (factors === undefined) return undefined;
  const size = weights.length / channels;
  const shifts = old ?? new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const change = affine(node.opType, factors[c]!, at === 0);
    if (change === undefined) return undefined;
    const [scale, shift] = change;
    for (let i = c * size; i < (c + 1) * size; i++) weights[i] = weights[i]! * scale;
    shifts[c] = shifts[c]! * scale + shift;
  }
  const origin = draft.origins.get(kernel) ?? kernel;
  const stored = draft.store(`${origin}/absorbed`, weights, shape, "float32");
  draft.origins.set(stored, origin);
  return { ...conv, inputs: [x, stored, draft.store(`${origin}/bias`, shifts, [channels], "float32")], outputs: node.outputs };
}

/** A stored operand as one number for each channel; undefined where it is anything else. */
function perChannel(draft: Draft, name: string, rank: number, channels: number): Float32Array | undefined {
  const data = draft.floats(name)!;
  const { shape } = draft.initializers.get(name)!;
  if (data.length === 1 && shape.length <= rank) return new Float32Array(channels).fill(data[0]!);
  const axis = 1 - (rank - shape.length);
  return shape.length <= rank && data.length === channels && shape[axis] === channels ? data : undefined;
}

/** Min of Max by numbers as Clip. */
function limits(draft: Draft, before: NodeProto, node: NodeProto, constant: string): NodeProto | undefined {
  if (node.opType !== "Min" || before.opType !== "Max" || before.inputs.length !== 2) return undefined;
  const from = before.inputs.findIndex((name) => draft.floats(name)?.length === 1);
  if (from < 0 || draft.floats(constant)!.length !== 1) return undefined;
  const number = (name: string): string => draft.store(`${name}/limit`, draft.floats(name)!, [], "float32");
  return { ...node, opType: "Clip", inputs: [before.inputs[1 - from]!, number(before.inputs[from]!), number(constant)] };
}
