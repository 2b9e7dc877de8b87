import * as activations from "../../activations/index.js";
import { add } from "../../ops/elementwise/binary.js";
import { matmul } from "../../ops/matrix/matmul.js";
import type { LayerFactory } from "../define.js";
import { required } from "../define.js";
import { addBias } from "../kernel.js";
import { type CellLayer, defineCell } from "./cell.js";
import { addCellWeights, dropInputs, needFeatures, stateDrop } from "./gates.js";
import { CELL_DEFAULTS, checkUnits, type SequenceFactory, type SequenceOptions, type UnitOptions } from "./options.js";
import { defineRecurrent } from "./run.js";

/** Options of {@link simpleRNNCell}. */
export interface SimpleRNNCellOptions extends UnitOptions {}

/** Options of {@link simpleRNN}. */
export interface SimpleRNNOptions extends SimpleRNNCellOptions, SequenceOptions {}

const DEFAULTS = { units: required<number>(), ...CELL_DEFAULTS };

/**
 * One step of a simple recurrent net: h' = activation(x · kernel + h · recurrentKernel + bias).
 *
 * @shape [B,C], [B,units] → [B,units], [B,units]
 * @example
 * const model = sequential([layers.input([10, 3]), layers.rnn({ cell: layers.simpleRNNCell({ units: 8 }) })]);
 */
export const simpleRNNCell: LayerFactory<SimpleRNNCellOptions, CellLayer> = defineCell({
  className: "SimpleRNNCell",
  defaults: DEFAULTS,
  check: checkUnits,
  states: ({ config }) => [[config.units]],
  build: (context, step) => ({ ...addCellWeights(context, step, 1), bias: addBias(context, [context.config.units]) }),
  steps: (context, x) => {
    const { kernel, recurrentKernel, bias } = context.weights;
    needFeatures(context.where, x, kernel);
    const activation = activations.get(context.config.activation);
    const drop = stateDrop(context, x);
    const product = matmul(dropInputs(context, x), kernel); // [T,B,U]
    return {
      inputs: bias === undefined ? product : add(product, bias),
      step: (input, [h]) => {
        const next = activation.call(add(input, matmul(drop(h!), recurrentKernel)));
        return [next, next];
      },
    };
  },
});

/**
 * A simple recurrent net over the steps of sequences: h' = activation(x · kernel + h · recurrentKernel + bias).
 * Masked steps keep the state.
 *
 * @shape [B,T,C] → [B,units], or [B,T,units] with returnSequences
 * @throws SHAPE_MISMATCH when the input is no sequence, or of other features than before
 * @example
 * const model = sequential([layers.input([10, 3]), layers.simpleRNN({ units: 8 })]);
 */
export const simpleRNN: SequenceFactory<SimpleRNNCellOptions> = defineRecurrent({
  className: "SimpleRNN",
  cellName: "simple_rnn_cell",
  cell: simpleRNNCell,
  cellDefaults: DEFAULTS,
  check: checkUnits,
});
