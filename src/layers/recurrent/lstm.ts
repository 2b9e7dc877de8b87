import * as activations from "../../activations/index.js";
import type { ActivationLike } from "../../activations/index.js";
import { add, mul } from "../../ops/elementwise/binary.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { split } from "../../ops/shape/concat.js";
import type { LayerFactory } from "../define.js";
import { required } from "../define.js";
import { type CellLayer, defineCell } from "./cell.js";
import { forgetBias } from "./forgetBias.js";
import { addCellWeights, applyGates, dropInputs, needFeatures, reorderGates, stateDrop } from "./gates.js";
import { CELL_DEFAULTS, checkUnits, type GateOptions, type SequenceFactory, type SequenceOptions, type UnitOptions } from "./options.js";
import { lstmStep } from "./lstmStep.js";
import { defineRecurrent } from "./run.js";

/** Options of {@link lstmCell}. */
export interface LstmCellOptions extends UnitOptions, GateOptions {
  /** Whether the forget gate's bias begins at 1. Default true. */
  readonly unitForgetBias?: boolean;
}

/** Options of {@link lstm}. */
export interface LstmOptions extends LstmCellOptions, SequenceOptions {}

const DEFAULTS = {
  units: required<number>(),
  recurrentActivation: "sigmoid" as ActivationLike,
  unitForgetBias: true,
  ...CELL_DEFAULTS,
};

/** Keras's gates lie in the order input, forget, candidate, output; the three of one activation come to lie together. */
const SIGMOIDS_FIRST = [0, 1, 3, 2];

/**
 * One step of a long short-term memory: c' = f · c + i · g and h' = o · activation(c'), with the
 * gates i, f, o and the candidate g from x · kernel + h · recurrentKernel + bias.
 *
 * @shape [B,C], [B,units], [B,units] → [B,units], [B,units], [B,units]
 * @example
 * const model = sequential([layers.input([10, 3]), layers.rnn({ cell: layers.lstmCell({ units: 8 }) })]);
 */
export const lstmCell: LayerFactory<LstmCellOptions, CellLayer> = defineCell({
  className: "LSTMCell",
  defaults: DEFAULTS,
  check: checkUnits,
  states: ({ config }) => [[config.units], [config.units]],
  build: (context, step) => ({
    ...addCellWeights(context, step, 4),
    bias: forgetBias(context, context.config.units, context.config.unitForgetBias),
  }),
  steps: (context, x) => {
    const { config, weights } = context;
    needFeatures(context.where, x, weights.kernel);
    const { units, recurrentActivation } = config;
    const activation = activations.get(config.activation);
    const usual = activation.call === activations.tanh && activations.get(recurrentActivation).call === activations.sigmoid;
    const drop = stateDrop(context, x);
    const product = matmul(dropInputs(context, x), reorderGates(weights.kernel, SIGMOIDS_FIRST)); // [T,B,4·U]
    const recurrentKernel = reorderGates(weights.recurrentKernel, SIGMOIDS_FIRST);
    return {
      inputs: weights.bias === undefined ? product : add(product, reorderGates(weights.bias, SIGMOIDS_FIRST)),
      step: (input, [h, c]) => {
        const all = add(input, matmul(drop(h!), recurrentKernel)); // [B,4·U]
        if (usual) {
          const [output, memory] = lstmStep(all, c!);
          return [output, output, memory];
        }
        const [gates, candidate] = split(all, [3 * units, units], -1);
        const [i, f, o] = applyGates(recurrentActivation, gates!, 3);
        const memory = add(mul(f!, c!), mul(i!, activation.call(candidate!)));
        const output = mul(o!, activation.call(memory));
        return [output, output, memory];
      },
    };
  },
});

/**
 * A long short-term memory over the steps of sequences; its states are h, which is also the
 * output, and the memory c. Masked steps keep both.
 *
 * @shape [B,T,C] → [B,units], or [B,T,units] with returnSequences
 * @throws SHAPE_MISMATCH when the input is no sequence, or of other features than before
 * @source Hochreiter, Schmidhuber 1997
 * @example
 * const x = layers.input([10, 3]);
 * const [output, h, c] = layers.lstm({ units: 8, returnState: true })(x);
 * const decoded = layers.lstm({ units: 8, returnSequences: true })(x, { initialState: [h, c] });
 * const model = new Model({ inputs: x, outputs: decoded });
 */
export const lstm: SequenceFactory<LstmCellOptions> = defineRecurrent({
  className: "LSTM",
  cellName: "lstm_cell",
  cell: lstmCell,
  cellDefaults: DEFAULTS,
  check: checkUnits,
});
