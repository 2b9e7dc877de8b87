import * as activations from "../../activations/index.js";
import type { ActivationLike } from "../../activations/index.js";
import { add, mul, sub } from "../../ops/elementwise/binary.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { concat, split } from "../../ops/shape/concat.js";
import { zerosLike } from "../../ops/shape/fill.js";
import { reshape } from "../../ops/shape/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { LayerFactory } from "../define.js";
import { required } from "../define.js";
import { addBias } from "../kernel.js";
import { type CellLayer, defineCell } from "./cell.js";
import { addCellWeights, applyGates, dropInputs, needFeatures, stateDrop } from "./gates.js";
import { CELL_DEFAULTS, checkUnits, type GateOptions, type SequenceFactory, type SequenceOptions, type UnitOptions } from "./options.js";
import { defineRecurrent } from "./run.js";

/** Options of {@link gruCell}. */
export interface GruCellOptions extends UnitOptions, GateOptions {
  /**
   * Whether the reset gate is applied after the state's product, with a bias of that product's
   * own, or to the state before it. Default true.
   */
  readonly resetAfter?: boolean;
}

/** Options of {@link gru}. */
export interface GruOptions extends GruCellOptions, SequenceOptions {}

const DEFAULTS = {
  units: required<number>(),
  recurrentActivation: "sigmoid" as ActivationLike,
  resetAfter: true,
  ...CELL_DEFAULTS,
};

/**
 * One step of a gated recurrent unit: h' = z · h + (1 − z) · g, with the update gate z, and the
 * candidate g from x and as much of h as the reset gate r lets through.
 *
 * @shape [B,C], [B,units] → [B,units], [B,units]
 * @example
 * const model = sequential([layers.input([10, 3]), layers.rnn({ cell: layers.gruCell({ units: 8 }) })]);
 */
export const gruCell: LayerFactory<GruCellOptions, CellLayer> = defineCell({
  className: "GRUCell",
  defaults: DEFAULTS,
  check: checkUnits,
  states: ({ config }) => [[config.units]],
  build: (context, step) => {
    const size = 3 * context.config.units;
    return { ...addCellWeights(context, step, 3), bias: addBias(context, context.config.resetAfter ? [2, size] : [size]) };
  },
  steps: (context, x) => {
    const { config, weights } = context;
    needFeatures(context.where, x, weights.kernel);
    const { units, recurrentActivation, resetAfter } = config;
    const activation = activations.get(config.activation);
    const drop = stateDrop(context, x);
    const product = matmul(dropInputs(context, x), weights.kernel); // [T,B,3·U]: update, reset, candidate
    const { inputBias, candidateBias } = biases(weights.bias, units, resetAfter);
    const [gateKernel, candidateKernel] = split(weights.recurrentKernel, [2 * units, units], -1);
    const mix = (h: Tensor, z: Tensor, candidate: Tensor): Tensor[] => {
      const next = add(candidate, mul(z, sub(h, candidate)));
      return [next, next];
    };
    return {
      inputs: inputBias === undefined ? product : add(product, inputBias),
      step: (input, [h]) => {
        const dropped = drop(h!);
        const [ofGates, ofCandidate] = split(input, [2 * units, units], -1);
        if (!resetAfter) {
          const [z, r] = applyGates(recurrentActivation, add(ofGates!, matmul(dropped, gateKernel!)), 2);
          return mix(h!, z!, activation.call(add(ofCandidate!, matmul(mul(r!, dropped), candidateKernel!))));
        }
        const [gates, recalled] = split(matmul(dropped, weights.recurrentKernel), [2 * units, units], -1);
        const [z, r] = applyGates(recurrentActivation, add(ofGates!, gates!), 2);
        const memory = candidateBias === undefined ? recalled! : add(recalled!, candidateBias);
        return mix(h!, z!, activation.call(add(ofCandidate!, mul(r!, memory))));
      },
    };
  },
});

/**
 * A gated recurrent unit over the steps of sequences. Masked steps keep the state.
 *
 * @shape [B,T,C] → [B,units], or [B,T,units] with returnSequences
 * @throws SHAPE_MISMATCH when the input is no sequence, or of other features than before
 * @source Cho et al. 2014
 * @example
 * const model = sequential([layers.input([10, 3]), layers.gru({ units: 8 }), layers.dense({ units: 1 })]);
 */
export const gru: SequenceFactory<GruCellOptions> = defineRecurrent({
  className: "GRU",
  cellName: "gru_cell",
  cell: gruCell,
  cellDefaults: DEFAULTS,
  check: checkUnits,
});

/**
 * What is added to the inputs of all steps at once, and what only after the state's product. Where
 * the reset gate comes after the product, biases of the other gates can go with the inputs' all the same.
 */
function biases(
  bias: Tensor | undefined,
  units: number,
  resetAfter: boolean,
): { inputBias: Tensor | undefined; candidateBias: Tensor | undefined } {
  if (bias === undefined || !resetAfter) return { inputBias: bias, candidateBias: undefined };
  const [ofInput, ofState] = split(bias, 2, 0).map((row) => reshape(row, [3 * units]));
  const [ofGates, candidateBias] = split(ofState!, [2 * units, units], 0);
  return { inputBias: add(ofInput!, concat([ofGates!, zerosLike(candidateBias!)], 0)), candidateBias };
}
