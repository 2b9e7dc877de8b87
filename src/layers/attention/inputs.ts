import { NacreError } from "../../error.js";
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Layer, MaskArgument, SymbolicInputs } from "../layer.js";
import type { SymbolicTensor } from "../symbolic.js";

/** What a call of an attention layer takes beside query, value and key. */
export interface AttentionArguments extends MaskArgument {
  /** Whether a step sees itself and earlier ones only. Default false. */
  readonly useCausalMask?: boolean;
  /** Whether the attention weights are a second output. Default false. */
  readonly returnAttentionScores?: boolean;
}

/** How an attention layer is called: on one tensor, or on a list of query, value and maybe key. */
export interface AttentionLayer<A extends AttentionArguments = AttentionArguments> extends Layer {
  (inputs: SymbolicInputs, args: A & { readonly returnAttentionScores: true }): [output: SymbolicTensor, weights: SymbolicTensor];
  (inputs: SymbolicInputs, args?: A): SymbolicTensor;
}

/** Query, value and key: the value is the key where none is given, and a single input is all three. */
export function queryValueKey(where: string, inputs: readonly Tensor[]): readonly [query: Tensor, value: Tensor, key: Tensor] {
  const [query, value = query, key = value] = inputs;
  if (query === undefined || inputs.length > 3) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where,
      expected: "one input for self-attention, or a list of query, value and maybe key",
      received: `${inputs.length} inputs`,
      fix: "as in layer([query, value])",
    });
  }
  const fits =
    value!.rank === query.rank &&
    key!.rank === query.rank &&
    query.rank >= 3 &&
    value!.shape.slice(1, -1).join() === key!.shape.slice(1, -1).join();
  if (fits) return [query, value!, key!];
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: "query, value and key of one rank, at least [batch, time, features], and value and key of as many steps",
    received: [query, value!, key!].map((x) => formatShape(x.shape)).join(", "),
    fix: "reshape the inputs, or give them in the order query, value, key",
  });
}
