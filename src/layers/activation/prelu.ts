import type { ConstraintLike } from "../../constraints/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import { mul, sub } from "../../ops/elementwise/binary.js";
import { neg, relu } from "../../ops/elementwise/unary.js";
import type { RegularizerLike } from "../../regularizers/index.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { knownDim, needAxis, needRank, wholeNumber } from "../options.js";
import { addParameter, resolveNames } from "../parameters.js";

/** Options of {@link prelu}. */
export interface PreluOptions {
  /** Default zeros. */
  readonly alphaInitializer?: InitializerLike;
  /** Added to the loss. Default none. */
  readonly alphaRegularizer?: RegularizerLike | null;
  /** Applied after each update. Default none. */
  readonly alphaConstraint?: ConstraintLike | null;
  /** Axes, from 1, along which the slope is one and the same; [1, 2] for a slope a channel of images. Default none. */
  readonly sharedAxes?: number | readonly number[] | null;
}

/**
 * x above 0, alpha · x below, with a trained slope for each element of a sample.
 *
 * @shape [B,...] → [B,...]
 * @source He et al. 2015
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.prelu({ sharedAxes: [1, 2] })]);
 */
export const prelu: LayerFactory<PreluOptions> = defineLayer({
  className: "PReLU",
  inputDType: "float32",
  defaults: {
    alphaInitializer: "zeros" as InitializerLike,
    alphaRegularizer: null as RegularizerLike | null,
    alphaConstraint: null as ConstraintLike | null,
    sharedAxes: null as number | readonly number[] | null,
  },
  check: (config, where) => {
    const axes = config.sharedAxes === null ? null : [config.sharedAxes].flat().map((axis) => wholeNumber(where, "sharedAxes", axis));
    return { ...resolveNames(config), sharedAxes: axes };
  },
  build: (context, shape) => {
    const { config, where } = context;
    const shared = [config.sharedAxes ?? []].flat();
    needRank(where, shape, Math.max(shape.length, ...shared.map((axis) => axis + 1)), `for the shared axes ${shared.join(", ")}`);
    const slopes = shape.slice(1).map((_, i) => (shared.includes(i + 1) ? 1 : knownDim(where, shape, i + 1)));
    return { alpha: addParameter(context, "alpha", slopes) };
  },
  call: ({ weights: { alpha }, where }, x) => {
    needRank(where, x.shape, alpha.rank + 1, "like the first input");
    for (const [i, size] of alpha.shape.entries()) if (size !== 1) needAxis(where, x.shape, i + 1, size, `axis ${i + 1} to be`);
    return sub(relu(x), mul(alpha, relu(neg(x))));
  },
  mask: "pass",
});
