import "../ops/methods.js";
import { checkOptions } from "../error.js";
import { resolveOptions } from "../options.js";
import { type Config, type Described, Registry, camelCase } from "../registry.js";
import type { Tensor } from "../tensor/tensor.js";

/** Sums over all batches, in float64. */
export type Sums = Readonly<Record<string, Float64Array>>;

/** What tells how good predictions are. */
export interface Metric extends Described {
  /** Its key in results, such as `binaryAccuracy`. */
  readonly name: string;
  /** What one batch adds to the sums, as part of the graph. `mask` tells which steps are valid, bool [B,T]. */
  stats(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor, mask?: Tensor): Readonly<Record<string, Tensor>>;
  /** The metric from sums over batches. */
  result(sums: Sums): number | number[];
}

/** Options that every metric takes. */
export interface MetricOptions {
  /** Its key in results. Default: the class name in camelCase. */
  readonly name?: string;
}

/** All that a kind of metric is. */
export interface MetricDefinition<C extends object> {
  /** Keras's class name, or one of your own. */
  readonly className: string;
  /** Further names. */
  readonly aliases?: readonly string[];
  /** Its key in results. Default: the class name in camelCase. */
  readonly name?: string;
  /** Every option with its default. */
  readonly defaults: C;
  /** Refuses wrong options; errors name `where`. */
  check?(config: C, where: string): void;
  /** What one batch adds to the sums; `mask` tells which steps are valid, bool [B,T]. */
  stats(yTrue: Tensor, yPred: Tensor, sampleWeight: Tensor | undefined, config: C, mask?: Tensor): Readonly<Record<string, Tensor>>;
  /** The metric from sums over batches. */
  result(sums: Sums, config: C): number | number[];
}

/** The metrics by name. */
export const registry = new Registry<Metric>("metric");

/**
 * Makes a kind of metric: returns its factory and registers its name, so that `compile` takes the
 * name and saved models find it.
 *
 * @throws BAD_ARGUMENT when the class name is taken
 * @example
 * const positives = defineMetric({
 *   className: "PredictedPositives",
 *   defaults: { threshold: 0.5 },
 *   stats: (_yTrue, yPred, _weight, { threshold }) => ({ count: yPred.greater(threshold).cast("float32").sum() }),
 *   result: ({ count }) => count[0],
 * });
 * model.compile({ optimizer: "adam", loss: "mse", metrics: [positives()] });
 */
export function defineMetric<C extends object>(definition: MetricDefinition<C>): (options?: Partial<C> & MetricOptions) => Metric {
  const { className, defaults } = definition;
  const factory = (options: Partial<C> & MetricOptions = {}): Metric => {
    checkOptions(className, options, [...Object.keys(defaults), "name"]);
    const { name, ...rest } = options;
    const config = resolveOptions<C>(className, defaults, rest as unknown as Partial<C>);
    definition.check?.(config, className);
    return {
      className,
      config: (name === undefined ? config : { ...config, name }) as Config,
      name: name ?? definition.name ?? camelCase(className),
      stats: (yTrue, yPred, sampleWeight, mask) => definition.stats(yTrue, yPred, sampleWeight, config, mask),
      result: (sums) => definition.result(sums, config),
    };
  };
  registry.register(className, factory, definition.aliases);
  return factory;
}
