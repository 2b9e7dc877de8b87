import type { ActivationLike } from "../../activations/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import { NacreError } from "../../error.js";
import { add } from "../../ops/elementwise/binary.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { dense } from "../core/dense.js";
import type { CallContext, BuildContext } from "../definition.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import type { Layer, SymbolicInputs } from "../layer.js";
import { layerNormalization } from "../normalization/layerNormalization.js";
import { knownDim, needRank, numberWithin, wholeNumber } from "../options.js";
import { resolveNames } from "../parameters.js";
import { dropout } from "../regularization/dropout.js";
import type { SymbolicTensor } from "../symbolic.js";
import type { AttentionLayer } from "./inputs.js";
import { HEAD_ARGUMENTS, type HeadArguments, multiHeadAttention } from "./multiHeadAttention.js";

/** Options of {@link transformerEncoder} and {@link transformerDecoder}. */
export interface TransformerOptions {
  /** Size of the hidden layer after attention. */
  readonly intermediateDim: number;
  /** Heads of attention; they share the features. */
  readonly numHeads: number;
  /** Share of elements dropped while training, from 0 to under 1. Default 0. */
  readonly dropout?: number;
  /** Of the hidden layer. Default relu. */
  readonly activation?: ActivationLike;
  /** Default 0.00001. */
  readonly layerNormEpsilon?: number;
  /** Default glorotUniform. */
  readonly kernelInitializer?: InitializerLike;
  /** Default zeros. */
  readonly biasInitializer?: InitializerLike;
  /** Whether inputs of attention and the hidden layer are normalised, instead of the sums after them. Default false. */
  readonly normalizeFirst?: boolean;
}

const DEFAULTS = {
  intermediateDim: required<number>(),
  numHeads: required<number>(),
  dropout: 0,
  activation: "relu" as ActivationLike,
  layerNormEpsilon: 1e-5,
  kernelInitializer: "glorotUniform" as InitializerLike,
  biasInitializer: "zeros" as InitializerLike,
  normalizeFirst: false,
};

type Config = typeof DEFAULTS;

/**
 * A block of a transformer that sees the whole sequence: self-attention and two dense layers, each
 * with dropout, the sum with its input, and layer normalisation. Masked steps are not looked at.
 *
 * @shape [B,T,C] → [B,T,C]
 * @source Vaswani et al. 2017
 * @example
 * const x = layers.input([10, 16]);
 * const h = layers.transformerEncoder({ intermediateDim: 32, numHeads: 2, normalizeFirst: true })(x);
 * const model = new Model({ inputs: x, outputs: layers.globalAveragePooling1d()(h) });
 */
export const transformerEncoder: LayerFactory<TransformerOptions, AttentionLayer<HeadArguments>> = defineLayer({
  className: "TransformerEncoder",
  defaults: DEFAULTS,
  args: HEAD_ARGUMENTS,
  check,
  build: (context, shape) => ({
    attention: attentionParts(context, shape, "self_attention"),
    ...normParts(context, "self_attention"),
    ...forwardParts(context, shape),
  }),
  call: (context, x) => {
    const { args, masks, weights } = context;
    needRank(context.where, x.shape, 3, "[batch, time, features]");
    let scores: Tensor | undefined;
    const attended = residual(context, x, weights["self_attention_norm"], weights["self_attention_dropout"], (input) => {
      const [y, of] = context.runAll(weights.attention, [input, input], { ...args, mask: [null, masks[0] ?? null] });
      scores = of;
      return y!;
    });
    const y = feedForward(context, attended);
    return scores === undefined ? y : [y, scores];
  },
  mask: ({ masks }) => [masks[0]],
});

/** What a decoder's call takes beside its sequences. */
export interface DecoderArguments extends Omit<HeadArguments, "returnAttentionScores"> {
  /** Whether a step sees itself and earlier ones only. Default true. */
  readonly useCausalMask?: boolean;
  /** Which step may look at which step of the encoder: bool [B,T,S]. Default all. */
  readonly encoderAttentionMask?: SymbolicTensor | null;
}

/** How a decoder is called: on its sequence, or on a list of it and the encoder's. */
export interface DecoderLayer extends Layer {
  (inputs: SymbolicInputs, args?: DecoderArguments): SymbolicTensor;
}

/**
 * A block of a transformer that sees earlier steps only, and all of an encoder's sequence where one
 * is given: self-attention, attention to the encoder, and two dense layers, each with dropout, the
 * sum with its input, and layer normalisation. Alone it is the block of a language model.
 *
 * @shape [B,T,C], [B,S,E] → [B,T,C]
 * @throws BAD_ARGUMENT when it was built without an encoder's sequence and is called with one
 * @source Vaswani et al. 2017
 * @example
 * const encoded = layers.input([12, 16]);
 * const x = layers.input([10, 16]);
 * const h = layers.transformerDecoder({ intermediateDim: 32, numHeads: 2 })([x, encoded]);
 * const model = new Model({ inputs: [x, encoded], outputs: h });
 */
export const transformerDecoder: LayerFactory<TransformerOptions, DecoderLayer> = defineLayer({
  className: "TransformerDecoder",
  defaults: DEFAULTS,
  args: { attentionMask: null as Tensor | null, encoderAttentionMask: null as Tensor | null, useCausalMask: true },
  check,
  build: (context, shape, encoder?: Shape) => ({
    attention: attentionParts(context, shape, "self_attention"),
    ...normParts(context, "self_attention"),
    cross: encoder && attentionParts(context, shape, "cross_attention"),
    ...(encoder && normParts(context, "cross_attention")),
    ...forwardParts(context, shape),
  }),
  call: (context, x, encoded) => {
    const { args, masks, run, weights, where } = context;
    needRank(where, x.shape, 3, "[batch, time, features]");
    const { attentionMask, useCausalMask } = args;
    let y = residual(context, x, weights["self_attention_norm"], weights["self_attention_dropout"], (input) =>
      run(weights.attention, [input, input], { attentionMask, useCausalMask, mask: [null, masks[0] ?? null] }),
    );
    if ((encoded === undefined) !== (weights.cross === undefined)) throw otherInputs(where, encoded !== undefined);
    if (encoded !== undefined) {
      const mask = [null, masks[1] ?? null];
      y = residual(context, y, weights["cross_attention_norm"]!, weights["cross_attention_dropout"]!, (input) =>
        run(weights.cross!, [input, encoded], { attentionMask: args.encoderAttentionMask, mask }),
      );
    }
    return feedForward(context, y);
  },
  mask: ({ masks }) => [masks[0]],
});

function check(config: Config, where: string): Config {
  return {
    ...resolveNames(config),
    intermediateDim: wholeNumber(where, "intermediateDim", config.intermediateDim),
    numHeads: wholeNumber(where, "numHeads", config.numHeads),
    dropout: numberWithin(where, "dropout", config.dropout, 0, 1, true),
  };
}

type Build = BuildContext<Config>;

function attentionParts({ addLayer, config, where }: Build, shape: Shape, name: string): Layer {
  needRank(where, shape, 3, "[batch, time, features]");
  const { numHeads, dropout: rate, kernelInitializer, biasInitializer } = config;
  const keyDim = Math.max(1, Math.floor(knownDim(where, shape, -1) / numHeads));
  return addLayer(name, multiHeadAttention({ numHeads, keyDim, dropout: rate, kernelInitializer, biasInitializer }));
}

function normParts<N extends string>({ addLayer, config }: Build, name: N): Record<`${N}_norm` | `${N}_dropout`, Layer> {
  return {
    [`${name}_norm`]: addLayer(`${name}_layer_norm`, layerNormalization({ epsilon: config.layerNormEpsilon })),
    [`${name}_dropout`]: addLayer(`${name}_dropout`, dropout({ rate: config.dropout })),
  } as Record<`${N}_norm` | `${N}_dropout`, Layer>;
}

interface ForwardParts {
  readonly feedforward_norm: Layer;
  readonly feedforward_dropout: Layer;
  readonly intermediate: Layer;
  readonly output: Layer;
}

function forwardParts(context: Build, shape: Shape): { [K in keyof ForwardParts]: Layer } {
  const { addLayer, config, where } = context;
  const { activation, kernelInitializer, biasInitializer } = config;
  const units = knownDim(where, shape, -1);
  return {
    ...normParts(context, "feedforward"),
    intermediate: addLayer("feedforward_intermediate_dense", dense({ units: config.intermediateDim, activation, kernelInitializer, biasInitializer })),
    output: addLayer("feedforward_output_dense", dense({ units, kernelInitializer, biasInitializer })),
  };
}

type Call = Pick<CallContext<Config>, "config" | "run">;

/** x + part(x), normalised before the part or after the sum. */
function residual({ config, run }: Call, x: Tensor, norm: Layer, drop: Layer, part: (x: Tensor) => Tensor): Tensor {
  if (config.normalizeFirst) return add(x, run(drop, part(run(norm, x))));
  return run(norm, add(x, run(drop, part(x))));
}

function feedForward(context: Call & { readonly weights: ForwardParts }, x: Tensor): Tensor {
  const { run, weights } = context;
  return residual(context, x, weights.feedforward_norm, weights.feedforward_dropout, (input) => run(weights.output, run(weights.intermediate, input)));
}

function otherInputs(where: string, encoder: boolean): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: `a call ${encoder ? "without" : "with"} an encoder's sequence, as the first one was`,
    received: encoder ? "one" : "none",
    fix: "make another layer for the other use",
  });
}
