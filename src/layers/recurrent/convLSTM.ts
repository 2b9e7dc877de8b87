import * as activations from "../../activations/index.js";
import type { ActivationLike } from "../../activations/index.js";
import { add, mul } from "../../ops/elementwise/binary.js";
import { conv } from "../../ops/nn/conv.js";
import { split } from "../../ops/shape/concat.js";
import { reshape } from "../../ops/shape/reshape.js";
import { transpose } from "../../ops/shape/transpose.js";
import { concreteDim } from "../../tensor/dim.js";
import { type Shape, symbolicSize } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkWindows, WINDOW_DEFAULTS } from "../convolution/window.js";
import type { CallContext } from "../definition.js";
import { type LayerFactory, required } from "../define.js";
import { dropMask } from "../dropMask.js";
import { knownDim, needAxis, wholeNumber } from "../options.js";
import { addParameter } from "../parameters.js";
import { channelAxis, channelsToBack, channelsToFront, type DataFormat, needSpatial, type Padding, type Pair, type PerAxis, perAxis, type Single, type Triple, windowPads } from "../spatial.js";
import { type CellLayer, defineCell, unroll } from "./cell.js";
import { forgetBias } from "./forgetBias.js";
import { applyGates, reorderGates } from "./gates.js";
import { CELL_DEFAULTS, type CellWeightOptions, checkCell, type GateOptions, type SequenceFactory, type SequenceOptions } from "./options.js";
import { defineRecurrent } from "./run.js";

/** Options of the cell of {@link convLSTM1d}, {@link convLSTM2d} and {@link convLSTM3d}. */
export interface ConvLSTMCellOptions<S extends PerAxis = PerAxis> extends CellWeightOptions, GateOptions {
  /** Channels of the state and the output, at least 1. */
  readonly filters: number;
  /** Size of the kernels on each spatial axis. */
  readonly kernelSize: S;
  /** Of the input's convolution. Default 1. */
  readonly strides?: S;
  /** Of the input's convolution. Default valid. */
  readonly padding?: Padding;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Of the input's convolution. Default 1. */
  readonly dilationRate?: S;
  /** Whether the forget gate's bias begins at 1. Default true. */
  readonly unitForgetBias?: boolean;
}

export type ConvLSTM1dOptions = ConvLSTMCellOptions<Single> & SequenceOptions;
export type ConvLSTM2dOptions = ConvLSTMCellOptions<Pair> & SequenceOptions;
export type ConvLSTM3dOptions = ConvLSTMCellOptions<Triple> & SequenceOptions;

const DEFAULTS = {
  filters: required<number>(),
  ...WINDOW_DEFAULTS,
  recurrentActivation: "sigmoid" as ActivationLike,
  unitForgetBias: true,
  ...CELL_DEFAULTS,
};

type Config = typeof DEFAULTS;

/** Keras's gates lie in the order input, forget, candidate, output. */
const SIGMOIDS_FIRST = [0, 1, 3, 2];

function checkConv<C extends Config>(config: C, where: string, rank: number): C {
  return { ...checkCell(config, where), ...checkWindows(config, where, rank), filters: wholeNumber(where, "filters", config.filters) };
}

function convCell(rank: number): LayerFactory<ConvLSTMCellOptions, CellLayer> {
  return defineCell({
    className: `ConvLSTM${rank}DCell`,
    defaults: DEFAULTS,
    check: (config, where) => checkConv(config, where, rank),
    states: ({ config, where }, step) => {
      const shape = outputShape(config, where, step, rank);
      return [shape, shape];
    },
    build: (context, step) => {
      const { config, where } = context;
      needSpatial(where, step, rank, config.dataFormat);
      const taps = perAxis(config.kernelSize, rank);
      return {
        kernel: addParameter(context, "kernel", [...taps, knownDim(where, step, channelAxis(config.dataFormat)), 4 * config.filters]),
        recurrentKernel: addParameter(context, "recurrent", [...taps, config.filters, 4 * config.filters], "recurrent_kernel"),
        bias: forgetBias(context, config.filters, config.unitForgetBias),
      };
    },
    sequence: (context, x, flow) => {
      const { config, weights, where } = context;
      const { filters, dataFormat, recurrentActivation, strides, dilationRate } = config;
      const activation = activations.get(config.activation);
      needSpatial(where, x.shape.slice(1), rank, dataFormat);
      needAxis(where, x.shape.slice(1), channelAxis(dataFormat), weights.kernel.shape[rank]!, "channels");
      const [time, batch, ...sample] = x.shape as [number, ...Shape[number][]] as [number, number, ...number[]];
      const flat = reshape(dropSteps(context, x), [symbolicSize([time, batch]), ...sample]);
      const images = channelsToFront(flat, dataFormat); // [T·B,C,...S]
      const product = conv(images, taps(weights.kernel), { strides, dilations: dilationRate, padding: windowPads(where, images.shape, config) });
      const bias = weights.bias && reshape(reorderGates(weights.bias, SIGMOIDS_FIRST), [1, 4 * filters, ...sample.slice(1).map(() => 1)]);
      const biased = bias === undefined ? product : add(product, bias);
      const inputs = reshape(biased, [time, batch, ...biased.shape.slice(1)]); // [T,B,4·F,...S']
      const recurrent = taps(weights.recurrentKernel);
      const same = { ...config, strides: 1, dilationRate: 1, padding: "same" as const };
      const states = flow.states.map((state) => channelsToFront(state, dataFormat)); // [B,F,...S']
      const drop = dropMask(context, config.recurrentDropout, states[0]!.shape, x.dtype);
      const step = (input: Tensor, [h, c]: readonly Tensor[]): Tensor[] => {
        const from = drop === undefined ? h! : mul(h!, drop);
        const all = add(input, conv(from, recurrent, { padding: windowPads(where, from.shape, same) }));
        const [gates, candidate] = split(all, [3 * filters, filters], 1);
        const [i, f, o] = applyGates(recurrentActivation, gates!, 3, 1);
        const memory = add(mul(f!, c!), mul(i!, activation.call(candidate!)));
        const output = mul(o!, activation.call(memory));
        return [output, output, memory];
      };
      const done = unroll(inputs, step, { ...flow, states });
      const back = (values: readonly Tensor[]): Tensor[] => values.map((value) => channelsToBack(value, dataFormat));
      return { outputs: back(done.outputs), states: back(done.states) };
    },
  });
}

/** A kernel [...K,C,4·F] for convolution, gates of one activation together. → [4·F,C,...K] */
function taps(kernel: Tensor): Tensor {
  const spatial = kernel.shape.slice(2).map((_, i) => i);
  return transpose(reorderGates(kernel, SIGMOIDS_FIRST), [spatial.length + 1, spatial.length, ...spatial]);
}

function dropSteps(context: CallContext<Config>, x: Tensor): Tensor {
  const mask = dropMask(context, context.config.dropout, x.shape.slice(1), x.dtype);
  return mask === undefined ? x : mul(x, mask);
}

function outputShape(config: Config, where: string, step: Shape, rank: number): number[] {
  const first = config.dataFormat === "channelsFirst";
  const front = first ? step : [step[0]!, step.at(-1)!, ...step.slice(1, -1)];
  const pads = windowPads(where, front, config);
  const [size, stride, dilation] = [config.kernelSize, config.strides, config.dilationRate].map((value) => perAxis(value, rank));
  const spatial = pads.map(([before, after], i) => {
    const room = concreteDim(front[i + 2]!, where) + before + after - dilation![i]! * (size![i]! - 1) - 1;
    return Math.floor(room / stride![i]!) + 1;
  });
  return first ? [config.filters, ...spatial] : [...spatial, config.filters];
}

function convLSTM<S extends PerAxis>(rank: number): SequenceFactory<ConvLSTMCellOptions<S>> {
  return defineRecurrent<Config, ConvLSTMCellOptions<S>>({
    className: `ConvLSTM${rank}D`,
    cellName: "conv_lstm_cell",
    cell: convCell(rank) as LayerFactory<ConvLSTMCellOptions<S>>,
    cellDefaults: DEFAULTS,
    check: (config, where) => checkConv(config, where, rank),
  });
}

/**
 * A long short-term memory over sequences of signals, with convolutions in place of products.
 *
 * @shape [B,T,L,C] → [B,L',filters], or [B,T,L',filters] with returnSequences
 * @source Shi et al. 2015
 * @example
 * const model = sequential([layers.input([4, 16, 1]), layers.convLSTM1d({ filters: 2, kernelSize: 3 })]);
 */
export const convLSTM1d: SequenceFactory<ConvLSTMCellOptions<Single>> = convLSTM(1);

/**
 * A long short-term memory over sequences of images, with convolutions in place of products.
 *
 * @shape [B,T,H,W,C] → [B,H',W',filters], or [B,T,H',W',filters] with returnSequences
 * @source Shi et al. 2015
 * @example
 * const model = sequential([layers.input([4, 8, 8, 1]), layers.convLSTM2d({ filters: 2, kernelSize: 3, padding: "same" })]);
 */
export const convLSTM2d: SequenceFactory<ConvLSTMCellOptions<Pair>> = convLSTM(2);

/**
 * A long short-term memory over sequences of volumes, with convolutions in place of products.
 *
 * @shape [B,T,D,H,W,C] → [B,D',H',W',filters], or [B,T,D',H',W',filters] with returnSequences
 * @source Shi et al. 2015
 * @example
 * const model = sequential([layers.input([2, 4, 4, 4, 1]), layers.convLSTM3d({ filters: 2, kernelSize: 3 })]);
 */
export const convLSTM3d: SequenceFactory<ConvLSTMCellOptions<Triple>> = convLSTM(3);
