import { checkOptions, wrongKind } from "../error.js";
import type { Variable } from "../layers/variable.js";
import { badOption } from "../options.js";
import { matcher, namesIn, noMatch, type PathPattern } from "./pattern.js";
import type { Trainable } from "./trainable.js";

/** Weights that are trained otherwise than the rest. */
export interface GroupOptions {
  /** Which weights: a pattern over their paths, such as `"encoder/**"`, or a function that says so for each. */
  readonly match: PathPattern | ((variable: Variable, path: string) => boolean);
  /** What the learning rate of each step is multiplied by, at least 0; at 0 the weights stay. Default 1. */
  readonly learningRateMultiplier?: number;
  /** Their weight decay, null for none. Default: the optimizer's. */
  readonly weightDecay?: number | null;
}

/** {@link GroupOptions} for the weights of a model. */
export interface Group {
  readonly variables: ReadonlySet<Variable>;
  readonly learningRateMultiplier: number;
  /** Undefined for the optimizer's. */
  readonly weightDecay: number | null | undefined;
}

/** Finds the weights of each group; a weight that several mean belongs to the first. */
export function groupsOf(model: Trainable, options: readonly GroupOptions[]): Group[] {
  if (!Array.isArray(options)) throw wrongKind("compile groups", "a list of groups", options, 'as in groups: [{ match: "encoder/**", learningRateMultiplier: 0.1 }]');
  const taken = new Set<Variable>();
  return options.map((group, i) => {
    const where = `compile groups[${i}]`;
    checkOptions(where, group, ["match", "learningRateMultiplier", "weightDecay"]);
    const { match, learningRateMultiplier = 1, weightDecay } = group;
    const atLeast0 = (value: number): boolean => Number.isFinite(value) && value >= 0;
    if (!atLeast0(learningRateMultiplier)) throw badOption(where, "learningRateMultiplier", "a number of at least 0", learningRateMultiplier);
    if (typeof weightDecay === "number" && !atLeast0(weightDecay)) throw badOption(where, "weightDecay", "a number of at least 0, or null", weightDecay);
    const means = typeof match === "function" ? match : pathMatch(where, model, match);
    const variables = model.variables.filter((variable) => !taken.has(variable) && means(variable, model.pathOf(variable)));
    if (variables.length === 0) {
      const left = model.variables.filter((variable) => !taken.has(variable));
      throw noMatch(where, "weights", String(match), left.map((variable) => model.pathOf(variable)));
    }
    for (const variable of variables) taken.add(variable);
    return { variables: new Set(variables), learningRateMultiplier, weightDecay };
  });
}

function pathMatch(where: string, model: Trainable, pattern: PathPattern): (variable: Variable) => boolean {
  const means = matcher(where, pattern);
  const namesOf = namesIn(model);
  return (variable) => namesOf(variable).some(means);
}
