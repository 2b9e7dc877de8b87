import "../ops/methods.js";
import { badOption, resolveOptions } from "../options.js";
import { camelCase, type Config, type Described, Registry } from "../registry.js";
import type { Tensor } from "../tensor/tensor.js";
import { matchLabels } from "./matchRank.js";
import { requireSameShape } from "./sameShapes.js";

const REDUCTIONS = ["sumOverBatchSize", "sum", "none", "mean", "meanWithSampleWeight"] as const;

/** How the values of samples become one number. */
export type Reduction = (typeof REDUCTIONS)[number];

/** Options that every loss takes. */
export interface LossOptions {
  /**
   * `"sumOverBatchSize"` and `"mean"` divide the weighted sum by the number of values,
   * `"meanWithSampleWeight"` by the sum of weights; `"sum"` does not divide, `"none"` does not sum.
   * Default `"sumOverBatchSize"`.
   */
  readonly reduction?: Reduction;
}

/** What training makes small. */
export interface Loss extends Described {
  readonly reduction: Reduction;
  /** Whether predictions are logits; undefined for losses that do not ask. */
  readonly fromLogits: boolean | undefined;
  /** One value per sample (and step), not reduced. */
  call(yTrue: Tensor, yPred: Tensor): Tensor;
  /** Which values count, as bool; undefined where all do. */
  valid?(yTrue: Tensor, values: Tensor): Tensor | undefined;
}

/** All that a kind of loss is. */
export interface LossDefinition<C extends object> {
  /** Keras's class name, or one of your own. */
  readonly className: string;
  /** Further names. */
  readonly aliases?: readonly string[];
  /** Every option with its default. */
  readonly defaults: C;
  /** Whether labels are class indices; they are then cast to int32, else to the predictions' dtype. */
  readonly integerLabels?: boolean;
  /** Whether labels of another shape than the predictions' are refused, an axis of size 1 at the end aside. Default false. */
  readonly sameShape?: boolean;
  /** One value per sample (and step). */
  call(yTrue: Tensor, yPred: Tensor, config: C): Tensor;
  /** Which values count, as bool. */
  valid?(yTrue: Tensor, values: Tensor, config: C): Tensor | undefined;
}

/** The losses by name. */
export const registry = new Registry<Loss>("loss");

/**
 * Makes a kind of loss: returns its factory and registers its name, so that `compile` takes the
 * name and saved models find it.
 *
 * @throws BAD_ARGUMENT when the class name is taken
 * @example
 * const fourthPower = defineLoss({
 *   className: "FourthPower",
 *   defaults: { scale: 1 },
 *   call: (yTrue, yPred, { scale }) => yTrue.sub(yPred).pow(4).mean({ axes: -1 }).mul(scale),
 * });
 * model.compile({ optimizer: "adam", loss: fourthPower({ scale: 2 }) });
 */
export function defineLoss<C extends object>(definition: LossDefinition<C>): (options?: Partial<C> & LossOptions) => Loss {
  const { className } = definition;
  const defaults = { ...definition.defaults, reduction: "sumOverBatchSize" as Reduction };
  const factory = (options?: Partial<C> & LossOptions): Loss => {
    const config = resolveOptions<C & { reduction: Reduction }>(className, defaults, options as Partial<typeof defaults>);
    if (!REDUCTIONS.includes(config.reduction)) {
      throw badOption(className, "reduction", `one of ${REDUCTIONS.join(", ")}`, config.reduction);
    }
    const { fromLogits } = config as { fromLogits?: boolean };
    const prepare = (yTrue: Tensor, yPred: Tensor): [Tensor, Tensor] => {
      const pair = matchLabels(yTrue, yPred, definition.integerLabels === true ? "int32" : yPred.dtype);
      if (definition.sameShape === true) requireSameShape(camelCase(className), ...pair);
      return pair;
    };
    return {
      className,
      config: config as Config,
      reduction: config.reduction,
      fromLogits,
      call: (yTrue, yPred) => definition.call(...prepare(yTrue, yPred), config),
      ...(definition.valid === undefined
        ? {}
        : { valid: (yTrue: Tensor, values: Tensor) => definition.valid!(yTrue, values, config) }),
    };
  };
  registry.register(className, factory, definition.aliases);
  return factory;
}
