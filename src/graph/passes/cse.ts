import { isTypedArray } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Graph } from "../graph.js";
import { rewriteGraph } from "../rewrite.js";

/** Attributes longer than this are not compared: two large constants are rarely equal. */
const COMPARED_ELEMENTS = 64;

/** Computes equal expressions once. Every op is a pure function of inputs and attributes, random ones too. */
export function eliminateCommonSubexpressions(graph: Graph): Graph {
  const ids = new Map<object, number>();
  const idOf = (object: object): number => {
    let id = ids.get(object);
    if (id === undefined) ids.set(object, (id = ids.size));
    return id;
  };
  const known = new Map<string, readonly Tensor[]>();
  return rewriteGraph(graph, (node) => {
    const attrs = attributeKey(node.attrs);
    if (attrs === undefined || node.op.barrier === true) return undefined;
    const key = `${idOf(node.op)}(${node.inputs.map(idOf).join()})${attrs}`;
    const outputs = known.get(key);
    if (outputs === undefined) known.set(key, node.outputs);
    return outputs;
  });
}

function attributeKey(attrs: Readonly<Record<string, unknown>>): string | undefined {
  let comparable = true;
  const key = JSON.stringify(attrs, (_name, value: unknown) => {
    if (typeof value === "number" && !Number.isFinite(value)) return `number ${value}`;
    if (Object.is(value, -0)) return "number -0";
    if (typeof value === "function") comparable = false;
    if (!isTypedArray(value)) return value;
    if (value.length > COMPARED_ELEMENTS) comparable = false;
    return [value.constructor.name, ...Array.from(value as Float32Array, (x) => (Object.is(x, -0) ? "-0" : String(x)))];
  });
  return comparable ? key : undefined;
}
