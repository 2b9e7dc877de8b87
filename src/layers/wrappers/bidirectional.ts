import { add, mul } from "../../ops/elementwise/binary.js";
import { concat } from "../../ops/shape/concat.js";
import { flip } from "../../ops/shape/slice.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { Layer } from "../layer.js";
import { badOption } from "../options.js";
import { SEQUENCE_ARGUMENTS, type SequenceArguments, type SequenceOptions } from "../recurrent/options.js";
import type { SymbolicInputs } from "../layer.js";
import type { SymbolicTensor } from "../symbolic.js";

/** How the outputs of both directions are joined; null gives both. */
export type MergeMode = "concat" | "sum" | "mul" | "ave" | null;

const MERGES: Readonly<Record<NonNullable<MergeMode>, (a: Tensor, b: Tensor) => Tensor>> = {
  concat: (a, b) => concat([a, b], -1),
  sum: (a, b) => add(a, b),
  mul: (a, b) => mul(a, b),
  ave: (a, b) => mul(add(a, b), 0.5),
};

/** Options of {@link bidirectional}. */
export interface BidirectionalOptions<L extends Layer = Layer> {
  /** A recurrent layer, such as `lstm`. */
  readonly layer: L;
  /** Default concat. */
  readonly mergeMode?: MergeMode;
  /** The layer that goes the other way. Default: one of the same options, with weights of its own. */
  readonly backwardLayer?: Layer | null;
}

/** A layer of sequences in two directions; its outputs are a list with returnState, and without a merge mode. */
export interface BidirectionalLayer<O = SymbolicTensor> extends Layer {
  (sequence: SymbolicInputs, args?: SequenceArguments): O;
}

/** What users call to make a bidirectional layer. */
interface BidirectionalFactory {
  (options: Parameters<LayerFactory<BidirectionalOptions>>[0] & { readonly mergeMode: null }): BidirectionalLayer<SymbolicTensor[]>;
  (options: Parameters<LayerFactory<BidirectionalOptions<ReturnsStates>>>[0]): BidirectionalLayer<SymbolicTensor[]>;
  (options: Parameters<LayerFactory<BidirectionalOptions>>[0]): BidirectionalLayer;
}

/** A recurrent layer whose calls give a list. */
type ReturnsStates = Layer & ((sequence: SymbolicInputs, args?: SequenceArguments) => SymbolicTensor[]);

/**
 * A recurrent layer over sequences in both directions, each with weights of its own. The backward
 * direction's steps are put back in order. With returnState come the states of both; as
 * initialState it takes those of both.
 *
 * @shape [B,T,C] → [B,2·units], or [B,T,2·units] with returnSequences
 * @throws BAD_ARGUMENT when the layers are not recurrent, of one direction, or differ in what they return
 * @example
 * const model = sequential([layers.input([10, 3]), layers.bidirectional({ layer: layers.lstm({ units: 8 }) })]);
 */
export const bidirectional: BidirectionalFactory = defineLayer({
  className: "Bidirectional",
  defaults: { layer: required<Layer>(), mergeMode: "concat" as MergeMode, backwardLayer: null as Layer | null },
  args: SEQUENCE_ARGUMENTS,
  check: (config, where) => {
    if (config.mergeMode !== null && !Object.hasOwn(MERGES, config.mergeMode)) {
      throw badOption(where, "mergeMode", 'one of "concat", "sum", "mul", "ave", or null', config.mergeMode);
    }
    const forward = flagsOf(config.layer, "layer", where);
    const backwardLayer = config.backwardLayer ?? opposite(config.layer);
    const backward = flagsOf(backwardLayer, "backwardLayer", where);
    if (forward.goBackwards === backward.goBackwards) {
      throw badOption(where, "backwardLayer", `goBackwards: ${!forward.goBackwards}, other than that of layer`, backward.goBackwards);
    }
    for (const option of ["returnSequences", "returnState", "stateful"] as const) {
      if (forward[option] === backward[option]) continue;
      throw badOption(where, "backwardLayer", `${option}: ${forward[option]}, as layer has it`, backward[option]);
    }
    // Copies: their weights are this layer's own. In joined sequences a masked step is 0 both ways.
    const zeroOutputForMask = forward.returnSequences;
    return {
      ...config,
      layer: copyOf(config.layer, { zeroOutputForMask }),
      backwardLayer: copyOf(backwardLayer, { zeroOutputForMask }),
    };
  },
  build: ({ config, addLayer }) => ({
    forward: addLayer(`forward_${config.layer.name.replace(/^forward_/, "")}`, config.layer),
    backward: addLayer(`backward_${config.backwardLayer!.name.replace(/^backward_/, "")}`, config.backwardLayer!),
  }),
  call: ({ args, config, masks, runAll, weights, where }, x) => {
    const flags = flagsOf(config.layer, "layer", where);
    const given = args.initialState === null ? undefined : ([args.initialState].flat() as Tensor[]);
    const half = (given?.length ?? 0) / 2;
    const run = (layer: Layer, states: readonly Tensor[] | undefined): readonly Tensor[] =>
      runAll(layer, x, { ...(masks[0] && { mask: masks[0] }), ...(states && { initialState: states }) });
    const [y, ...states] = run(weights.forward, given?.slice(0, half)) as [Tensor, ...Tensor[]];
    const [reversed, ...others] = run(weights.backward, given?.slice(half)) as [Tensor, ...Tensor[]];
    const back = flags.returnSequences ? flip(reversed, 1) : reversed;
    const merged = config.mergeMode === null ? [y, back] : [MERGES[config.mergeMode](y, back)];
    return [...merged, ...states, ...others];
  },
  mask: ({ config, masks, where }) => {
    const { returnSequences } = flagsOf(config.layer, "layer", where);
    return !returnSequences ? undefined : config.mergeMode === null ? [masks[0], masks[0]] : [masks[0]];
  },
}) as unknown as BidirectionalFactory;

/** What a recurrent layer's options say of its outputs. @throws BAD_ARGUMENT when it is none */
function flagsOf(layer: Layer | undefined, option: string, where: string): Required<SequenceOptions> {
  if (layer instanceof Layer && "goBackwards" in layer.config) return layer.config as Required<SequenceOptions>;
  throw badOption(where, option, "a recurrent layer, such as layers.lstm({ units: 8 })", layer?.where);
}

/** A layer of the same options for the other direction. */
function opposite(layer: Layer): Layer {
  const { goBackwards } = layer.config as Required<SequenceOptions>;
  return copyOf(layer, { goBackwards: !goBackwards, name: layer.name.replace(/^forward_/, "") });
}

/** A layer of the same options, and of copies of the layers among them, that shares no weights. */
function copyOf(layer: Layer, other: Partial<SequenceOptions> & { readonly name?: string } = {}): Layer {
  const copied = Object.entries(layer.config).map(([option, value]: [string, unknown]) => [option, copyLayers(value)]);
  return new Layer(layer.definition, { ...Object.fromEntries(copied), name: layer.name, trainable: layer.trainable, ...other });
}

function copyLayers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyLayers);
  return value instanceof Layer ? copyOf(value) : value;
}
