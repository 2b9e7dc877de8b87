import type { ActivationLike } from "../../activations/index.js";
import type { ConstraintLike } from "../../constraints/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import type { RegularizerLike } from "../../regularizers/index.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { CommonOptions, Layer, MaskArgument, SymbolicInputs } from "../layer.js";
import { numberWithin, wholeNumber } from "../options.js";
import { resolveNames } from "../parameters.js";
import type { SymbolicTensor } from "../symbolic.js";

/** Options of the weights of a cell. */
export interface CellWeightOptions {
  /** Of the new values. Default tanh. */
  readonly activation?: ActivationLike;
  /** Default true. */
  readonly useBias?: boolean;
  /** Of the inputs' weights. Default glorotUniform. */
  readonly kernelInitializer?: InitializerLike;
  /** Of the states' weights. Default orthogonal. */
  readonly recurrentInitializer?: InitializerLike;
  /** Default zeros. */
  readonly biasInitializer?: InitializerLike;
  /** Added to the loss. Default none. */
  readonly kernelRegularizer?: RegularizerLike | null;
  /** Added to the loss. Default none. */
  readonly recurrentRegularizer?: RegularizerLike | null;
  /** Added to the loss. Default none. */
  readonly biasRegularizer?: RegularizerLike | null;
  /** Applied after each update. Default none. */
  readonly kernelConstraint?: ConstraintLike | null;
  /** Applied after each update. Default none. */
  readonly recurrentConstraint?: ConstraintLike | null;
  /** Applied after each update. Default none. */
  readonly biasConstraint?: ConstraintLike | null;
  /** Share of the input's features dropped while training, the same in all steps, from 0 to under 1. Default 0. */
  readonly dropout?: number;
  /** Share of the state's features dropped while training, the same in all steps, from 0 to under 1. Default 0. */
  readonly recurrentDropout?: number;
  /** Not used: randomness follows from the seed of `fit` and the layer's path. Kept for Keras's files. */
  readonly seed?: number | null;
}

/** Options of a cell of so many units. */
export interface UnitOptions extends CellWeightOptions {
  /** Size of the state and the output, at least 1. */
  readonly units: number;
}

/** Options of cells with gates. */
export interface GateOptions {
  /** Of the gates. Default sigmoid. */
  readonly recurrentActivation?: ActivationLike;
}

export const CELL_DEFAULTS: Required<CellWeightOptions> = {
  activation: "tanh",
  useBias: true,
  kernelInitializer: "glorotUniform",
  recurrentInitializer: "orthogonal",
  biasInitializer: "zeros",
  kernelRegularizer: null,
  recurrentRegularizer: null,
  biasRegularizer: null,
  kernelConstraint: null,
  recurrentConstraint: null,
  biasConstraint: null,
  dropout: 0,
  recurrentDropout: 0,
  seed: null,
};

/** Checks what all cells have in common. */
export function checkCell<C extends Required<CellWeightOptions>>(config: C, where: string): C {
  return {
    ...resolveNames(config),
    dropout: numberWithin(where, "dropout", config.dropout, 0, 1, true),
    recurrentDropout: numberWithin(where, "recurrentDropout", config.recurrentDropout, 0, 1, true),
  };
}

/** Checks a cell of units. */
export function checkUnits<C extends Required<UnitOptions>>(config: C, where: string): C {
  return { ...checkCell(config, where), units: wholeNumber(where, "units", config.units) };
}

/** Options of layers that run a cell over the steps of a sequence. */
export interface SequenceOptions {
  /** Whether the output is that of each step, [B,T,...], or of the last one. Default false. */
  readonly returnSequences?: boolean;
  /** Whether the last states are further outputs: the call then gives a list. Default false. */
  readonly returnState?: boolean;
  /** Whether steps are taken from the last to the first; the output's steps then come in that order. Default false. */
  readonly goBackwards?: boolean;
  /** Whether a batch goes on with the states that the batch before ended with, until `resetStates()`. Batches must have a fixed size. Default false. */
  readonly stateful?: boolean;
  /** Whether the output of a masked step is 0, and not the step's before. Default false. */
  readonly zeroOutputForMask?: boolean;
  /** A penalty on the layer's output, divided by the batch size. Default none. */
  readonly activityRegularizer?: RegularizerLike | null;
}

export const SEQUENCE_DEFAULTS: Required<SequenceOptions> = {
  returnSequences: false,
  returnState: false,
  goBackwards: false,
  stateful: false,
  zeroOutputForMask: false,
  activityRegularizer: null,
};

/** What a recurrent layer's call takes beside the sequence. */
export interface SequenceArguments extends MaskArgument {
  /** The states before the first step, one for each state of the cell. Default zeros. */
  readonly initialState?: SymbolicTensor | readonly SymbolicTensor[] | null;
}

/** The same with values. */
export const SEQUENCE_ARGUMENTS = { initialState: null as Tensor | readonly Tensor[] | null };

/** A layer of sequences with one output. */
export interface SequenceLayer extends Layer {
  (sequence: SymbolicInputs, args?: SequenceArguments): SymbolicTensor;
}

/** A layer of sequences whose outputs are a list. */
export interface SequenceListLayer extends Layer {
  (sequence: SymbolicInputs, args?: SequenceArguments): SymbolicTensor[];
}

/** What users call to make a layer of sequences: with `returnState` its calls give `[output, ...states]`. */
export interface SequenceFactory<O extends object> {
  (options: O & SequenceOptions & CommonOptions & { readonly returnState: true }): SequenceListLayer;
  (options: O & SequenceOptions & CommonOptions): SequenceLayer;
}
