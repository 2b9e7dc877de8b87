import { NacreError } from "../../../error.js";
import { SymbolicTensor } from "../../../layers/symbolic.js";
import type { KerasCall } from "../kerasCalls.js";
import type { KerasObject } from "../kerasConfig.js";
import { isOperation, kerasOperation } from "./layer.js";

/** Whether an object is an operation of `keras.ops`; these share names with layers, but not their calls. */
export function isKerasOperation({ module }: KerasObject): boolean {
  return /^keras\.(src\.)?(ops|activations)\b/.test(module ?? "");
}

/** Adds the call of an operation to a model. @throws UNSUPPORTED naming it when it is not built here */
export function callOperation(object: KerasObject, name: string, { args, kwargs }: KerasCall): readonly SymbolicTensor[] {
  const { class_name: operation, module, config } = object;
  if (!isOperation(operation)) throw notBuilt(operation, name);
  const tensors: SymbolicTensor[] = [];
  const pack = (value: unknown): unknown => {
    if (value instanceof SymbolicTensor) return { tensor: tensors.push(value) - 1 };
    return Array.isArray(value) ? value.map(pack) : value;
  };
  const packed = { args: args.map(pack), kwargs: Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, pack(value)])) };
  const options = Object.fromEntries(Object.entries(config as object).filter(([key]) => key !== "name")) as Record<string, unknown>;
  return kerasOperation({ name, operation, module: module ?? "keras.src.ops", options, ...packed }).callAll(tensors);
}

function notBuilt(operation: string, name: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `Keras operation "${name}" of class ${operation}`,
    expected: "an operation that is built here, or a layer",
    received: operation,
    fix: "replace it in Keras by other operations or by layers, and save the model again",
  });
}
