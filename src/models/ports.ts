import { isRecord, NacreError, wrongKind } from "../error.js";
import { SymbolicTensor } from "../layers/symbolic.js";
import type { Network } from "./network.js";
import type { ModelOptions } from "./options.js";

/** Inputs or outputs, with their names where an object gives them. */
export function portList(option: "inputs" | "outputs", given: ModelOptions["outputs"]): [string | undefined, SymbolicTensor][] {
  const list: [string | undefined, unknown][] =
    isRecord(given) && !(given instanceof SymbolicTensor)
      ? Object.entries(given)
      : [given].flat().map((tensor) => [undefined, tensor]);
  const wrong = list.find(([, tensor]) => !(tensor instanceof SymbolicTensor));
  if (list.length > 0 && wrong === undefined) return list as [string | undefined, SymbolicTensor][];
  const expected = option === "inputs" ? "what layers.input gives, or a list of it" : "what layers give when they are called on the inputs";
  const fix = "as in new Model({ inputs: x, outputs: layers.dense({ units: 1 })(x) })";
  throw wrongKind(`model ${option}`, expected, wrong === undefined ? given : wrong[1], fix);
}

/** The error for a call on a model that does not fit its inputs. */
export function notNested(model: Network, received: string): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: model.where,
    expected: `a call on ${model.inputs.length} inputs, and nothing else`,
    received,
    fix: "pass a list with a tensor for each of the model's inputs",
  });
}
