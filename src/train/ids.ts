import type { Column } from "../data/column.js";
import { NacreError } from "../error.js";
import type { LayerCall, SymbolicTensor } from "../layers/symbolic.js";

/** How many ids a layer's table has. */
export interface IdLimit {
  /** What errors call the layer. */
  readonly where: string;
  readonly count: number;
}

/** The smallest table that each tensor of `inputs` is looked up in, in embeddings and nested models. */
export function idLimits(calls: readonly LayerCall[], inputs: readonly SymbolicTensor[]): Map<SymbolicTensor, IdLimit> {
  const limits = new Map<SymbolicTensor, IdLimit>();
  const note = (tensor: SymbolicTensor | undefined, limit: IdLimit): void => {
    if (tensor === undefined || !inputs.includes(tensor)) return;
    const known = limits.get(tensor);
    if (known === undefined || limit.count < known.count) limits.set(tensor, limit);
  };
  for (const call of calls) {
    const { layer } = call;
    if (layer.className === "Embedding") {
      note(call.inputs[0], { where: layer.where, count: Number((layer.config as { readonly inputDim?: unknown }).inputDim) });
    } else if (isNested(layer)) {
      const inside = idLimits(layer.calls, layer.inputs);
      layer.inputs.forEach((input, i) => {
        const limit = inside.get(input);
        if (limit !== undefined) note(call.inputs[i], limit);
      });
    }
  }
  return limits;
}

/**
 * Refuses ids outside the table: engines take −1 for the last one, and do not say which row was wrong.
 *
 * @throws BAD_DATA naming row and layer
 */
export function checkIds(column: Column, { where, count }: IdLimit, input: string, place: (at: number) => string): void {
  const { data, shape } = column;
  for (let i = 0; i < data.length; i++) {
    const id = Number(data[i]);
    if (id >= 0 && id < count) continue;
    throw new NacreError({
      code: "BAD_DATA",
      where: `${input}, ${place(Math.floor(i / (data.length / shape[0]!)))}`,
      expected: `ids from 0 to ${count - 1}, as ${where} has them`,
      received: String(data[i]),
      fix: `give the layer a larger inputDim, or replace unknown ids by one that it has`,
    });
  }
}

/** A model is a layer of layers. */
function isNested(layer: object): layer is { readonly calls: readonly LayerCall[]; readonly inputs: readonly SymbolicTensor[] } {
  return "calls" in layer && "inputs" in layer;
}
