import { checkOptions } from "../error.js";
import { graphItems, type NodesOf, nodesIn } from "./graphItems.js";
import type { Network } from "./network.js";
import { tableOf } from "./summary.js";
import { type LayerRow, sizeOf } from "./summaryRows.js";

/** Options of `model.inspect`. */
export interface InspectOptions {
  /** Called with the table, as `console.log` may be. Default: none. */
  readonly print?: (table: string) => void;
}

/** What a model's graph consists of. */
export class GraphReport {
  /** Inputs and then nodes, in an order in which they can run. */
  readonly rows: readonly LayerRow[];
  /** All of them, trained and frozen. */
  readonly parameters: number;
  /** How many of the parameters training changes. */
  readonly trainable: number;
  /** Of matrix products and convolutions, for one sample. */
  readonly multiplyAdds: number;

  constructor(rows: readonly LayerRow[], parameters: number, trainable: number) {
    this.rows = rows;
    this.parameters = parameters;
    this.trainable = trainable;
    this.multiplyAdds = rows.reduce((sum, row) => sum + row.multiplyAdds, 0);
  }

  /** A table for a terminal. */
  toString(): string {
    return tableOf(this.rows, ["node", "outputShape", "parameters", "multiplyAdds"], this.parameters, this.trainable);
  }
}

/** The graph of a model, node by node: those of imported graphs, and the layers of models within models. */
export async function inspectModel(model: Network, options: InspectOptions): Promise<GraphReport> {
  checkOptions("inspect", options, ["print"]);
  const rows = rowsOf(model, await nodesIn(model), "");
  const report = new GraphReport(rows, model.parameterCount, sizeOf(model.trainableVariables));
  options.print?.(String(report));
  return report;
}

function rowsOf(model: Network, nodesOf: NodesOf | undefined, prefix: string): LayerRow[] {
  return graphItems(model, nodesOf).flatMap(({ row, nested }): LayerRow[] => {
    if (nested !== undefined) return rowsOf(nested, nodesOf, `${prefix}${row.name}/`).filter(({ className }) => className !== "Input");
    return [{ ...row, name: prefix + row.name, from: row.from.map((name) => prefix + name) }];
  });
}
