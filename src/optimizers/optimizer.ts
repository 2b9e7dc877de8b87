import "../ops/methods.js";
import { badOption, resolveOptions } from "../options.js";
import { type Config, type Described, Registry, type Serialized } from "../registry.js";
import { type Schedule, get as getSchedule, serialize as serializeSchedule } from "../schedules/index.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Options that every optimizer takes. */
export interface CommonOptions {
  /** Share of a weight that is taken off at each step, times the learning rate; null for none. Default null. */
  readonly weightDecay: number | null;
  /** Weights whose path holds one of these words do not decay, such as `"bias"`. Default none. */
  readonly excludeFromWeightDecay: readonly string[];
  /** Gradients are limited to [−clipvalue, clipvalue]; null for no limit. Default null. */
  readonly clipvalue: number | null;
  /** Each gradient is scaled down to at most this norm; null for no limit. Default null. */
  readonly clipnorm: number | null;
  /** All gradients are scaled down together to at most this norm; null for no limit. Default null. */
  readonly globalClipnorm: number | null;
  /** Whether a moving average of the weights is kept. Default false. */
  readonly useEma: boolean;
  /** How much of the average stays at each step, 0 to 1. Default 0.99. */
  readonly emaMomentum: number;
  /** After how many steps the average takes the place of the weights; null for never. Default null. */
  readonly emaOverwriteFrequency: number | null;
  /** How many batches are averaged for one update, at least 2; null for one. Default null. */
  readonly gradientAccumulationSteps: number | null;
  /** What the loss is multiplied by before its gradients are taken, which are divided by it again; above 0, null for 1. Default null. */
  readonly lossScaleFactor: number | null;
}

/** What an optimizer knows of a weight. */
export interface VariableSpec {
  readonly path: string;
  readonly shape: Shape;
}

/** A value that is kept for each weight from step to step. */
export interface SlotSpec {
  readonly shape: Shape;
  /** What fills it at the start. */
  readonly initial: number;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** What the update rule of one weight is given. */
export interface UpdateArgs {
  readonly weight: Tensor;
  readonly grad: Tensor;
  readonly slots: Tensors;
  readonly scalars: Tensors;
}

/** One weight and its slots after an update. */
export interface Updated {
  readonly weight: Tensor;
  readonly slots: Tensors;
}

/** How weights follow their gradients. */
export interface Optimizer extends Described {
  readonly learningRate: number | Schedule;
  readonly options: CommonOptions;
  /** Whether every element of a weight follows its own gradient only, so that several weights can be updated as one. */
  readonly elementwise: boolean;
  /** Values kept for a weight, by name. */
  slots(variable: VariableSpec): Readonly<Record<string, SlotSpec>>;
  /** The weight decay of a weight; null for none. */
  weightDecayOf(variable: VariableSpec): number | null;
  /**
   * Numbers that change from step to step, which the host feeds as float32 scalars.
   * `step` counts from 0; a learning rate that is given takes the place of the optimizer's own.
   */
  scalars(step: number, learningRate?: number): Readonly<Record<string, number>>;
  /** The update rule of one weight; `applyOptimizer` adds what {@link CommonOptions} asks for. */
  update(args: UpdateArgs): Updated;
}

/** All that a kind of optimizer is. */
export interface OptimizerDefinition<C extends object> {
  /** Keras's class name, or one of your own. */
  readonly className: string;
  /** The rule's own options with their defaults, and other defaults of common ones. */
  readonly defaults: C & Partial<CommonOptions>;
  /** Default 0.001. */
  readonly learningRate?: number;
  /** Whether the rule treats each element by itself: small weights are then updated together. Default false. */
  readonly elementwise?: boolean;
  /** Refuses wrong options; errors name `where`. */
  check?(config: C, where: string): void;
  /** What is kept for a weight: initial values of slots of its shape, or their shapes too. */
  slots?(config: C, variable: VariableSpec): Readonly<Record<string, number | SlotSpec>>;
  /** The weight decay of a weight that is not excluded. Default: the option. */
  weightDecay?(config: C & CommonOptions, variable: VariableSpec): number | null;
  /** Further numbers of an update, counted from 0. */
  scalars?(update: number, learningRate: number, config: C): Readonly<Record<string, number>>;
  /** The rule; `scalars.learningRate` is always there. */
  update(args: UpdateArgs, config: C): Updated;
}

/** Options of an optimizer's factory. */
export type OptimizerOptions<C extends object> = Partial<C> &
  Partial<CommonOptions> & {
    /** Size of the steps: a number, or a schedule over steps. */
    readonly learningRate?: number | Schedule | Serialized;
  };

const COMMON: CommonOptions = {
  weightDecay: null,
  excludeFromWeightDecay: [],
  clipvalue: null,
  clipnorm: null,
  globalClipnorm: null,
  useEma: false,
  emaMomentum: 0.99,
  emaOverwriteFrequency: null,
  gradientAccumulationSteps: null,
  lossScaleFactor: null,
};

/** The optimizers by name. */
export const registry = new Registry<Optimizer>("optimizer");

/**
 * Makes a kind of optimizer: returns its factory and registers its name, so that `compile` takes
 * the name and saved models find it. Clipping, weight decay, averaging and accumulation come with it.
 *
 * @throws BAD_ARGUMENT when the class name is taken
 * @example
 * const signSgd = defineOptimizer({
 *   className: "SignSgd",
 *   defaults: {},
 *   update: ({ weight, grad, scalars }) => ({
 *     weight: weight.sub(grad.sign().mul(scalars.learningRate)),
 *     slots: {},
 *   }),
 * });
 * model.compile({ optimizer: signSgd({ learningRate: 0.01 }), loss: "mse" });
 */
export function defineOptimizer<C extends object>(
  definition: OptimizerDefinition<C>,
): (options?: OptimizerOptions<C>) => Optimizer {
  const { className } = definition;
  const defaults = { ...COMMON, learningRate: definition.learningRate ?? 0.001, ...definition.defaults };
  const factory = (options?: OptimizerOptions<C>): Optimizer => {
    const config = resolveOptions<C & CommonOptions & { learningRate: number | Schedule | Serialized }>(
      className,
      defaults as never,
      options as never,
    );
    const { learningRate: rate } = config;
    const learningRate = typeof rate === "number" ? rate : getSchedule(rate);
    checkCommon(className, config);
    definition.check?.(config, className);
    const stored = typeof learningRate === "number" ? learningRate : serializeSchedule(learningRate);
    return {
      className,
      config: { ...config, learningRate: stored } as Config,
      learningRate,
      options: Object.fromEntries(Object.keys(COMMON).map((key) => [key, config[key as keyof CommonOptions]])) as unknown as CommonOptions,
      elementwise: definition.elementwise === true && config.clipnorm === null,
      slots: (variable) => ({
        ...ruleSlots(definition.slots?.(config, variable) ?? {}, variable),
        ...commonSlots(config, variable),
      }),
      weightDecayOf: (variable) => {
        if (config.excludeFromWeightDecay.some((word) => variable.path.includes(word))) return null;
        return definition.weightDecay === undefined ? config.weightDecay : definition.weightDecay(config, variable);
      },
      scalars: (step, given) => {
        const current = given ?? (typeof learningRate === "number" ? learningRate : learningRate.at(step));
        const update = Math.floor(step / (config.gradientAccumulationSteps ?? 1));
        return {
          learningRate: current,
          ...definition.scalars?.(update, current, config),
          ...commonScalars(config, step, update),
        };
      },
      update: (args) => definition.update(args, config),
    };
  };
  registry.register(className, factory);
  return factory;
}

function ruleSlots(
  slots: Readonly<Record<string, number | SlotSpec>>,
  { shape }: VariableSpec,
): Readonly<Record<string, SlotSpec>> {
  return Object.fromEntries(
    Object.entries(slots).map(([name, slot]) => [name, typeof slot === "number" ? { shape, initial: slot } : slot]),
  );
}

function commonSlots(options: CommonOptions, { shape }: VariableSpec): Readonly<Record<string, SlotSpec>> {
  return {
    ...(options.gradientAccumulationSteps === null ? {} : { gradientAccumulator: { shape, initial: 0 } }),
    ...(options.useEma ? { average: { shape, initial: 0 } } : {}),
  };
}

/** Flags are 0 or 1. The average starts as the weights themselves: nothing of it stays at first. */
function commonScalars(options: CommonOptions, step: number, update: number): Readonly<Record<string, number>> {
  const { gradientAccumulationSteps: every, useEma, emaMomentum, emaOverwriteFrequency: overwrite } = options;
  return {
    ...(every === null ? {} : { updates: (step + 1) % every === 0 ? 1 : 0 }),
    ...(useEma ? { emaMomentum: update === 0 ? 0 : emaMomentum } : {}),
    ...(useEma && overwrite !== null ? { emaOverwrites: (update + 1) % overwrite === 0 ? 1 : 0 } : {}),
  };
}

function checkCommon(where: string, config: CommonOptions & { readonly learningRate: unknown }): void {
  const { learningRate, clipvalue, clipnorm, globalClipnorm, gradientAccumulationSteps: steps } = config;
  if (typeof learningRate === "number" && !(Number.isFinite(learningRate) && learningRate >= 0)) {
    throw badOption(where, "learningRate", "a number of at least 0", learningRate);
  }
  if ([clipvalue, clipnorm, globalClipnorm].filter((limit) => limit !== null).length > 1) {
    throw badOption(where, "clipnorm", "at most one of clipvalue, clipnorm and globalClipnorm", "several");
  }
  if (steps !== null && !(Number.isInteger(steps) && steps >= 2)) {
    throw badOption(where, "gradientAccumulationSteps", "a whole number of at least 2, or null", steps);
  }
  if (config.lossScaleFactor !== null && !(config.lossScaleFactor > 0)) {
    throw badOption(where, "lossScaleFactor", "a number above 0, or null", config.lossScaleFactor);
  }
  if (!(config.emaMomentum >= 0 && config.emaMomentum <= 1)) {
    throw badOption(where, "emaMomentum", "a number from 0 to 1", config.emaMomentum);
  }
}
