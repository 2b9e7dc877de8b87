import { NacreError } from "../../../error.js";
import { defineLayer, required } from "../../../layers/define.js";
import { OPERATIONS, type OperationOptions } from "./table.js";

/** What a file holds of an operation between layers. */
export interface KerasOperationConfig {
  /** Keras's class, such as `TrueDivide`. */
  readonly operation: string;
  /** Where Keras has it. */
  readonly module: string;
  /** Its options by Keras's names. */
  readonly options: OperationOptions;
  /** The arguments of its one call, with `{ tensor: i }` in the place of the i-th input. */
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** The names of arguments that operations may be given by name, in their places. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  Average: ["x", "weights"],
  Pad: ["x", "constant_values"],
  Take: ["x", "indices"],
  Where: ["condition", "x1", "x2"],
};

/** An operation of `keras.ops` on the way from layer to layer, such as `x + y`. */
export const kerasOperation = defineLayer({
  className: "KerasOperation",
  defaults: {
    operation: required<string>(),
    module: required<string>(),
    options: {} as OperationOptions,
    args: [] as readonly unknown[],
    kwargs: {} as Readonly<Record<string, unknown>>,
  },
  check: (config, where) => {
    if (!isOperation(config.operation)) throw notBuilt(where, config.operation);
    return config;
  },
  call: ({ config }, ...inputs) => {
    const { operation, args, kwargs, options } = config;
    const value = (item: unknown): unknown => {
      if (Array.isArray(item)) return item.map(value);
      if (typeof item !== "object" || item === null) return item;
      return "tensor" in item ? inputs[item.tensor as number] : item;
    };
    const names = NAMES[operation] ?? ["x", "x2"];
    const all = args.map(value);
    for (const [name, item] of Object.entries(kwargs)) {
      const place = name === "x1" ? 0 : names.indexOf(name);
      if (place === -1 && item !== null) throw notBuilt(`operation ${operation}`, `the argument ${name}`);
      if (place !== -1) all[place] = value(item);
    }
    return OPERATIONS[operation]!(options, ...all);
  },
});

/** Whether an operation of this class is built here. */
export function isOperation(name: string): boolean {
  return Object.hasOwn(OPERATIONS, name);
}

function notBuilt(where: string, received: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where,
    expected: `one of the operations ${Object.keys(OPERATIONS).join(", ")}`,
    received,
    fix: "replace it in Keras by these or by layers, and save the model again",
  });
}
