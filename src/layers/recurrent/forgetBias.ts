import * as initializers from "../../initializers/index.js";
import type { Initializer } from "../../initializers/index.js";
import type { BuildContext } from "../definition.js";
import { addBias } from "../kernel.js";
import type { Variable } from "../variable.js";
import type { CellWeightOptions } from "./options.js";

/** Declares a bias of the gates input, forget, candidate and output, with the forget gate's at 1 first if asked. */
export function forgetBias(context: BuildContext<Required<CellWeightOptions>>, units: number, ones: boolean): Variable | undefined {
  if (!ones) return addBias(context, [4 * units]);
  const biasInitializer = withForgetGateOpen(initializers.get(context.config.biasInitializer), units);
  return addBias({ ...context, config: { ...context.config, biasInitializer } }, [4 * units]);
}

function withForgetGateOpen(initializer: Initializer, units: number): Initializer {
  return { ...initializer, init: (shape, key) => initializer.init(shape, key).fill(1, units, 2 * units) };
}
