import { badOption, requireOptions, resolveOptions } from "../options.js";
import { type Config, type Described, Registry } from "../registry.js";

/** A learning rate that depends on the step. */
export interface Schedule extends Described {
  /** The rate at a step, counted from 0. */
  at(step: number): number;
}

/** All that a kind of schedule is; `O` marks options with a default as optional. */
export interface ScheduleDefinition<O extends object> {
  /** Keras's class name, or one of your own. */
  readonly className: string;
  /** Options without a default. */
  readonly required: readonly (keyof O & string)[];
  /** The other options with their defaults. */
  readonly defaults: Partial<O>;
  /** Options that must be above 0. */
  readonly positive?: readonly (keyof O & string)[];
  /** Refuses other wrong options; errors name `where`. */
  check?(config: Required<O>, where: string): void;
  /** The options as plain data, where they are not already. */
  store?(config: Required<O>): Required<O>;
  /** The rate at a step, counted from 0. */
  at(step: number, config: Required<O>): number;
}

/** The schedules by name. */
export const registry = new Registry<Schedule>("schedule");

/**
 * Makes a kind of schedule: returns its factory and registers its name, so that saved models find it.
 *
 * @throws BAD_ARGUMENT when the class name is taken
 * @example
 * const halving = defineSchedule<{ first: number }>({
 *   className: "Halving",
 *   required: ["first"],
 *   defaults: {},
 *   at: (step, { first }) => first / 2 ** step,
 * });
 * optimizers.sgd({ learningRate: halving({ first: 0.1 }) });
 */
export function defineSchedule<O extends object>(definition: ScheduleDefinition<O>): (options: O) => Schedule {
  const { className, required } = definition;
  const missing = Object.fromEntries(required.map((name) => [name, undefined]));
  const factory = (options: O): Schedule => {
    const config = resolveOptions<Required<O>>(className, { ...missing, ...definition.defaults } as Required<O>, options as Partial<Required<O>>);
    requireOptions(className, config, required);
    for (const name of definition.positive ?? []) {
      const value = config[name] as unknown;
      if (!(typeof value === "number" && value > 0)) throw badOption(className, name, "a number above 0", value);
    }
    definition.check?.(config, className);
    const stored = definition.store?.(config) ?? config;
    return { className, config: stored as Config, at: (step) => definition.at(step, config) };
  };
  registry.register(className, factory);
  return factory;
}
