import type { NodeProto } from "../../onnx/proto.js";
import { type Draft, intsOf, readBy } from "./draft.js";

const UNARY = new Set(["Relu", "Sigmoid", "Tanh", "Elu", "LeakyRelu", "Softplus", "Erf", "Exp", "Neg", "Abs", "Sqrt", "HardSigmoid", "HardSwish", "Gelu"]);
const BINARY = new Set(["Add", "Sub", "Mul", "Div", "Max", "Min"]);

/** A transposition: what it takes, and where each axis of its result comes from. */
interface Transposition {
  readonly input: string;
  readonly perm: readonly number[];
}

/**
 * Moves transpositions behind elementwise operators, where those of layers with channels last cancel
 * each other, and biases come to stand right behind their convolution.
 */
export function sinkTransposes(draft: Draft): void {
  while (step(draft));
  draft.prune();
}

/** One change; false when nothing is left to do. */
function step(draft: Draft): boolean {
  const found = new Map<string, Transposition>();
  for (const node of draft.nodes) {
    const perm = node.opType === "Transpose" && node.domain === "" ? intsOf(node, "perm") : undefined;
    if (perm !== undefined) found.set(node.outputs[0]!, { input: node.inputs[0]!, perm });
  }
  for (const node of draft.nodes) {
    if (node.domain !== "" || node.outputs.length !== 1) continue;
    const own = found.get(node.outputs[0]!);
    const before = found.get(node.inputs[0]!);
    if (own !== undefined && before !== undefined) return compose(draft, node, own, before);
    const moved = own === undefined ? movedBehind(draft, node, found) : undefined;
    if (moved === undefined) continue;
    draft.replace(new Map([[node, moved]]));
    return true;
  }
  return false;
}

/** Two transpositions in a row as one, or as none. */
function compose(draft: Draft, node: NodeProto, outer: Transposition, inner: Transposition): true {
  const [output] = node.outputs as [string];
  const perm = outer.perm.map((axis) => inner.perm[axis]!);
  const same = perm.every((axis, i) => axis === i);
  if (!same || draft.isPort(output) || readInside(draft, output)) {
    draft.replace(new Map([[node, [same ? { ...node, opType: "Identity", inputs: [inner.input], attributes: [] } : transposed(inner.input, perm, output)]]]));
    return true;
  }
  draft.nodes = draft.nodes
    .filter((other) => other !== node)
    .map((other) => (other.inputs.includes(output) ? { ...other, inputs: other.inputs.map((name) => (name === output ? inner.input : name)) } : other));
  return true;
}

/** Whether a graph inside a node reads the value. */
function readInside(draft: Draft, name: string): boolean {
  return draft.nodes.some((node) => !node.inputs.includes(name) && readBy(node).has(name));
}

/** An elementwise operator before its transposition instead of behind it; undefined where that cannot be. */
function movedBehind(draft: Draft, node: NodeProto, found: ReadonlyMap<string, Transposition>): readonly NodeProto[] | undefined {
  const operands = node.inputs.map((name) => found.get(name));
  const perm = operands.find((operand) => operand !== undefined)?.perm;
  if (perm === undefined) return undefined;
  const unary = UNARY.has(node.opType) && node.inputs.length === 1;
  if (!unary && !(BINARY.has(node.opType) && node.inputs.length === 2)) return undefined;
  const inputs: string[] = [];
  for (const [i, operand] of operands.entries()) {
    const name = operand === undefined ? turnedBack(draft, node.inputs[i]!, perm) : operand.perm.join() === perm.join() ? operand.input : undefined;
    if (name === undefined) return undefined;
    inputs.push(name);
  }
  const inner = draft.fresh(`${node.outputs[0]!}/moved`);
  return [{ ...node, inputs, outputs: [inner] }, transposed(inner, perm, node.outputs[0]!)];
}

function transposed(input: string, perm: readonly number[], output: string): NodeProto {
  return { name: `${output}/Transpose`, opType: "Transpose", domain: "", inputs: [input], outputs: [output], attributes: [{ name: "perm", type: "ints", value: perm }] };
}

/** A stored operand for the other side of a transposition; undefined where it is not stored. */
function turnedBack(draft: Draft, name: string, perm: readonly number[]): string | undefined {
  const tensor = draft.initializers.get(name);
  const data = draft.floats(name);
  if (tensor === undefined || data === undefined || tensor.shape.length > perm.length) return undefined;
  const shape = [...Array<number>(perm.length - tensor.shape.length).fill(1), ...tensor.shape];
  // Only the long axes matter: vectors, which biases and scales are, keep their order.
  if (shape.filter((dim) => dim > 1).length > 1) return undefined;
  const turned = Array<number>(perm.length).fill(1);
  perm.forEach((axis, i) => (turned[axis] = shape[i]!));
  const stored = draft.store(`${name}/turned`, data, turned, "float32");
  draft.origins.set(stored, draft.origins.get(name) ?? name);
  return stored;
}
