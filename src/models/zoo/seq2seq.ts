import * as layers from "../../layers/index.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";

/** Options of {@link seq2seq}. */
export interface Seq2seqOptions {
  /** How many token ids the source has; id 0 is padding. Default 5000. */
  readonly sourceVocabulary?: number;
  /** How many token ids the target has; id 0 is padding. Default 5000. */
  readonly targetVocabulary?: number;
  /** Tokens in a source. Default 20. */
  readonly sourceLength?: number;
  /** Tokens in a target. Default 20. */
  readonly targetLength?: number;
  /** Size of each token's vector. Default 256. */
  readonly embeddingDim?: number;
  /** Units of the decoder; the encoder has half of them in each direction. Even. Default 256. */
  readonly units?: number;
  /** Of the model. Default seq2seq. */
  readonly name?: string;
}

const DEFAULTS: Required<Seq2seqOptions> = {
  sourceVocabulary: 5000,
  targetVocabulary: 5000,
  sourceLength: 20,
  targetLength: 20,
  embeddingDim: 256,
  units: 256,
  name: "seq2seq",
};

/**
 * Turns one sequence into another: a bidirectional LSTM reads the source, and an LSTM that begins
 * with its states writes the target, at each step looking back at the steps of the source that
 * matter to it (attention).
 *
 * Its inputs are `source` and `target`, the wanted tokens moved on by one behind a start token; its
 * output are logits of the wanted tokens, for sparseCategoricalCrossentropy({ fromLogits: true }).
 * The sizes are those of small exercises; the papers' are four times larger.
 *
 * @shape [B,S] int32, [B,T] int32 → [B,T,targetVocabulary]
 * @source Sutskever, Vinyals, Le 2014; Luong, Pham, Manning 2015
 * @example
 * const model = seq2seq({ sourceVocabulary: 20, targetVocabulary: 30, sourceLength: 6, targetLength: 5, embeddingDim: 8, units: 8 });
 * console.log(model.inputNames, model.outputs[0].shape); // [source, target] [batch, 5, 30]
 */
export function seq2seq(options: Seq2seqOptions = {}): Model {
  const config = resolveOptions("seq2seq", DEFAULTS, options);
  const { sourceVocabulary, targetVocabulary, sourceLength, targetLength, embeddingDim, units, name } = config;
  const source = layers.input([sourceLength], { dtype: "int32", name: "source" });
  const target = layers.input([targetLength], { dtype: "int32", name: "target" });

  const read = layers.embedding({ inputDim: sourceVocabulary, outputDim: embeddingDim, maskZero: true, name: "source_embedding" })(source);
  const reader = layers.lstm({ units: units / 2, returnSequences: true, returnState: true });
  const [encoded, forwardH, forwardC, backwardH, backwardC] = layers.bidirectional({ layer: reader, name: "encoder" })(read);
  const h = layers.concatenate({ name: "first_h" })([forwardH!, backwardH!]);
  const c = layers.concatenate({ name: "first_c" })([forwardC!, backwardC!]);

  const wanted = layers.embedding({ inputDim: targetVocabulary, outputDim: embeddingDim, maskZero: true, name: "target_embedding" })(target);
  const written = layers.lstm({ units, returnSequences: true, name: "decoder" })(wanted, { initialState: [h, c] }); // [B,T,units]
  const seen = layers.attention({ name: "attention" })([written, encoded!]); // [B,T,units]
  const joined = layers.concatenate({ name: "context" })([written, seen]);
  const attended = layers.dense({ units, activation: "tanh", useBias: false, name: "attended" })(joined);
  const logits = layers.dense({ units: targetVocabulary, name: "predictions" })(attended);
  return new Model({ inputs: [source, target], outputs: logits, name });
}
