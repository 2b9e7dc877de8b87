import { defineLayer, required } from "../define.js";
import type { Layer } from "../layer.js";
import { resolveNames } from "../parameters.js";
import { cellOf } from "./cell.js";
import { SEQUENCE_ARGUMENTS, SEQUENCE_DEFAULTS, type SequenceFactory, type SequenceOptions } from "./options.js";
import { addStates, runCell, sequenceMask } from "./run.js";
import { stackedRNNCells } from "./stackedRNNCells.js";

/** Options of {@link rnn}. */
export interface RnnOptions extends SequenceOptions {
  /** What is done in each step; several cells are stacked. */
  readonly cell: Layer | readonly Layer[];
}

/**
 * A cell over the steps of sequences: a built-in one, several of them, or one of your own by
 * {@link defineCell}. Masked steps keep the states.
 *
 * @shape [B,T,...] → [B,...], or [B,T,...] with returnSequences
 * @throws BAD_ARGUMENT when the cell is another kind of layer
 * @example
 * const cells = [layers.lstmCell({ units: 16 }), layers.lstmCell({ units: 8 })];
 * const model = sequential([layers.input([10, 3]), layers.rnn({ cell: cells })]);
 */
export const rnn: SequenceFactory<{ readonly cell: Layer | readonly Layer[] }> = defineLayer({
  className: "RNN",
  inputDType: "float32",
  defaults: { cell: required<Layer | readonly Layer[]>(), ...SEQUENCE_DEFAULTS },
  args: SEQUENCE_ARGUMENTS,
  check: (config, where) => {
    const cell = Array.isArray(config.cell) ? stackedRNNCells({ cells: config.cell as Layer[] }) : (config.cell as Layer);
    cellOf(where, cell);
    return { ...resolveNames(config), cell };
  },
  build: (context, shape) => {
    const cell = context.config.cell as Layer;
    return { cell: context.addLayer(cell.name, cell), ...addStates(context, cell, shape) };
  },
  call: (context, x) => runCell(context, context.weights.cell, x),
  mask: sequenceMask,
}) as unknown as SequenceFactory<{ readonly cell: Layer | readonly Layer[] }>;
