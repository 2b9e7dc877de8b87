import { stack } from "../../ops/shape/concat.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type LayerFactory, required } from "../define.js";
import type { Layer } from "../layer.js";
import { namesInside } from "../names.js";
import { badOption } from "../options.js";
import { type Cell, cellOf, type CellLayer, defineCell } from "./cell.js";

/** Options of {@link stackedRNNCells}. */
export interface StackedRNNCellsOptions {
  /** From the input's to the output's. */
  readonly cells: readonly Layer[];
}

/**
 * Cells as one: each takes the output of the one before it, and the states are those of all.
 *
 * @shape [B,C], states → [B,units of the last], states
 * @example
 * const cell = layers.stackedRNNCells({ cells: [layers.gruCell({ units: 8 }), layers.gruCell({ units: 4 })] });
 * const model = sequential([layers.input([10, 3]), layers.rnn({ cell })]);
 */
export const stackedRNNCells: LayerFactory<StackedRNNCellsOptions, CellLayer> = defineCell({
  className: "StackedRNNCells",
  defaults: { cells: required<readonly Layer[]>() },
  check: (config, where) => {
    if (!Array.isArray(config.cells) || config.cells.length === 0) throw badOption(where, "cells", "a list of at least one cell", undefined);
    for (const cell of config.cells as Layer[]) cellOf(where, cell);
    return config;
  },
  states: ({ config, where }, step) => [...linked(config.cells, where, step)].flatMap(({ states }) => states),
  build: ({ config, addLayer }) => {
    const names = namesInside(config.cells);
    return Object.fromEntries(config.cells.map((cell, i) => [names[i]!, addLayer(names[i]!, cell)]));
  },
  sequence: ({ config, where, open }, x, flow) => {
    // Cell by cell over all steps gives what step by step through all cells gives, in fewer products.
    let [input, outputs, taken] = [x, [] as readonly Tensor[], 0];
    const states: Tensor[] = [];
    for (const { kind, layer, states: shapes } of linked(config.cells, where, x.shape.slice(1))) {
      const own = flow.states.slice(taken, (taken += shapes.length));
      const done = kind.sequence(open(layer, input.shape.slice(1)), input, { ...flow, states: own });
      states.push(...done.states);
      outputs = done.outputs;
      if (layer !== config.cells.at(-1)) input = stack(outputs, 0);
    }
    return { outputs, states };
  },
});

/** Each cell with the shapes of its states; a cell's output is shaped like its first state. */
function* linked(cells: readonly Layer[], where: string, first: Shape): Generator<{ kind: Cell; layer: Layer; states: readonly (readonly number[])[] }> {
  let step = first;
  for (const layer of cells) {
    const kind = cellOf(where, layer);
    const states = kind.states({ config: layer.config, where: layer.where }, step);
    yield { kind, layer, states };
    step = [step[0]!, ...states[0]!];
  }
}
