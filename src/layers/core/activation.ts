import * as activations from "../../activations/index.js";
import type { ActivationLike } from "../../activations/index.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { badOption } from "../options.js";

/** Options of {@link activation}. */
export interface ActivationOptions {
  /** A name or a function of a tensor. */
  readonly activation: ActivationLike;
}

/**
 * An activation function as a layer.
 *
 * @shape [B,...] → [B,...]
 * @throws UNKNOWN_NAME when no activation has this name
 * @example
 * const model = sequential([layers.input([4]), layers.activation({ activation: "gelu" })]);
 */
export const activation: LayerFactory<ActivationOptions> = defineLayer({
  className: "Activation",
  inputDType: "float32",
  defaults: { activation: required<ActivationLike>() },
  check: (config, where) => {
    if (config.activation === undefined) throw badOption(where, "activation", "a name or a function", undefined);
    return { activation: activations.get(config.activation) };
  },
  call: ({ config }, x) => activations.get(config.activation).call(x),
  mask: "pass",
});
