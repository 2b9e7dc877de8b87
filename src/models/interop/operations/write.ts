import type { Layer } from "../../../layers/layer.js";
import type { ArrayOperand } from "./operands.js";
import type { SliceItem } from "./getItem.js";
import type { KerasOperationConfig } from "./layer.js";

/** The class name under which models here hold operations. */
const OPERATION = "KerasOperation";

/** Whether a layer is an operation, which Keras does not count among its layers. */
export function isOperationLayer(layer: Layer): boolean {
  return layer.className === OPERATION;
}

/** An operation and its call as Keras stores them; `tensor` makes the inputs by their places. */
export function operationToKeras(layer: Layer, name: string, tensor: (place: number) => unknown): object {
  const { operation, module, options, args, kwargs } = layer.config as KerasOperationConfig;
  const value = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(value);
    if (typeof item !== "object" || item === null) return item;
    if ("tensor" in item) return tensor(item.tensor as number);
    if ("slice" in item) {
      const [start, stop, step] = (item as SliceItem).slice;
      return { class_name: "__slice__", config: { start, stop, step } };
    }
    if ("ellipsis" in item) return { class_name: "__ellipsis__", config: {} };
    const { array, dtype } = item as ArrayOperand;
    return { class_name: "__numpy__", config: { value: array, dtype } };
  };
  return {
    module,
    class_name: operation,
    config: { name, ...options },
    registered_name: operation,
    name,
    inbound_nodes: [{ args: args.map(value), kwargs: Object.fromEntries(Object.entries(kwargs).map(([key, item]) => [key, value(item)])) }],
  };
}
