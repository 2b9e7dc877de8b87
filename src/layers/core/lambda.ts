import { NacreError, unknownName } from "../../error.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { badOption } from "../options.js";

/** What a {@link lambda} layer computes: a pure function of its inputs. */
export type LambdaFunction = (...inputs: Tensor[]) => Tensor;

/** Options of {@link lambda}. */
export interface LambdaOptions {
  /** The function, or the name under which {@link registerLambda} knows it. */
  readonly function: LambdaFunction | string;
}

const functions = new Map<string, LambdaFunction>();

/**
 * Gives a function the name by which {@link lambda} finds it, so that files can hold the layer.
 *
 * @throws BAD_ARGUMENT when the name is taken
 * @example
 * layers.registerLambda("halve", (x) => x.mul(0.5));
 * const model = sequential([layers.input([4]), layers.lambda({ function: "halve" })]);
 */
export function registerLambda(name: string, fn: LambdaFunction): void {
  if (functions.has(name)) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: `lambda "${name}"`,
      expected: "a name that is not taken",
      received: `"${name}", which is registered already`,
      fix: "choose another name",
    });
  }
  functions.set(name, fn);
}

/**
 * A function of tensors as a layer. A file holds only the name of a registered one; masks end here.
 *
 * @shape [B,...] → what the function gives
 * @throws UNKNOWN_NAME when no function is registered under a name
 * @throws UNSUPPORTED when a model is saved with a function that has no name
 * @example
 * const model = sequential([layers.input([4]), layers.lambda({ function: (x) => x.square() })]);
 */
export const lambda: LayerFactory<LambdaOptions> = defineLayer({
  className: "Lambda",
  defaults: { function: required<LambdaFunction | string>() },
  check: (config, where) => {
    const { function: given } = config;
    if (typeof given === "string" && !functions.has(given)) throw unknownName(where, "function", given, [...functions.keys()]);
    if (typeof given !== "string" && typeof given !== "function") throw badOption(where, "function", "a function or a registered name", given);
    return config;
  },
  call: ({ config }, ...inputs) => (typeof config.function === "string" ? functions.get(config.function)! : config.function)(...inputs),
});
