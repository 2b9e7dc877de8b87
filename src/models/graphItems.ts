import type { LayerCall } from "../layers/symbolic.js";
import { Network } from "./network.js";
import { type LayerRow, summaryRows } from "./summaryRows.js";

/** A box of a model's graph: an input, a use of a layer, or a node of an imported graph; values between them are known by identity. */
export interface GraphItem {
  readonly row: LayerRow;
  readonly inputs: readonly object[];
  readonly outputs: readonly object[];
  /** The model that is called. */
  readonly nested?: Network;
}

/** Gives the nodes of a call of an imported graph, with something before their names. */
export type NodesOf = (call: LayerCall, prefix: string) => readonly GraphItem[];

/** How the nodes of imported graphs are found, where a model has any: what that takes is loaded when it is needed. */
export async function nodesIn(model: Network): Promise<NodesOf | undefined> {
  const graphs = [...model.layerPaths.keys()].some(({ definition }) => definition.inside !== undefined);
  return graphs ? (await import("./interop/onnxNodes.js")).nodeItems : undefined;
}

/** A model's graph as boxes in an order that runs: a call of an imported graph as its nodes, one of a model as one box. */
export function graphItems(model: Network, nodesOf: NodesOf | undefined): GraphItem[] {
  const rows = summaryRows(model);
  // Names of nodes are their own, as long as only one graph has any.
  const several = model.layers.filter(({ definition }) => definition.inside !== undefined).length > 1;
  const inputs = model.inputs.map((input, i): GraphItem => ({ row: rows[i]!, inputs: [], outputs: [input] }));
  const calls = model.calls.flatMap((call, i): readonly GraphItem[] => {
    const row = rows[model.inputs.length + i]!;
    if (call.layer.definition.inside !== undefined && nodesOf !== undefined) return nodesOf(call, several ? `${row.name}/` : "");
    const item = { row, inputs: call.inputs, outputs: call.outputs };
    return [call.layer instanceof Network ? { ...item, nested: call.layer } : item];
  });
  return [...inputs, ...calls];
}
