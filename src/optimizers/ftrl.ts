import { defineOptimizer } from "./optimizer.js";

/** Options of {@link ftrl}. */
export interface FtrlOptions {
  /** How fast steps shrink with the accumulated gradients, at most 0. Default −0.5. */
  readonly learningRatePower: number;
  /** What the sums start from, at least 0. Default 0.1. */
  readonly initialAccumulatorValue: number;
  /** Pulls small weights to exactly 0. At least 0, default 0. */
  readonly l1RegularizationStrength: number;
  /** Shrinks weights. At least 0, default 0. */
  readonly l2RegularizationStrength: number;
  /** Shrinks weights through their gradients. At least 0, default 0. */
  readonly l2ShrinkageRegularizationStrength: number;
  /** The beta of the paper, at least 0. Default 0. */
  readonly beta: number;
}

/**
 * FTRL-proximal, "follow the regularized leader": for wide, sparse linear models.
 *
 * @example
 * optimizers.ftrl({ learningRate: 0.1, l1RegularizationStrength: 0.01 });
 */
export const ftrl = defineOptimizer<FtrlOptions>({
  className: "Ftrl",
  elementwise: true,
  defaults: {
    learningRatePower: -0.5,
    initialAccumulatorValue: 0.1,
    l1RegularizationStrength: 0,
    l2RegularizationStrength: 0,
    l2ShrinkageRegularizationStrength: 0,
    beta: 0,
  },
  slots: ({ initialAccumulatorValue }) => ({ accumulator: initialAccumulatorValue, linear: 0 }),
  scalars: (_update, learningRate, { beta, l2RegularizationStrength }) => ({
    rateReciprocal: 1 / learningRate,
    l2: 2 * (l2RegularizationStrength + beta / (2 * learningRate)),
  }),
  update: ({ weight, grad, slots, scalars }, config) => {
    const { l1RegularizationStrength: l1, l2ShrinkageRegularizationStrength: shrinkage } = config;
    const old = slots["accumulator"]!;
    const accumulator = old.add(grad.square());
    const power = accumulator.pow(-config.learningRatePower);
    const sigma = power.sub(old.pow(-config.learningRatePower)).mul(scalars["rateReciprocal"]!);
    const shrunk = shrinkage === 0 ? grad : grad.add(weight.mul(2 * shrinkage));
    const linear = slots["linear"]!.add(shrunk.sub(sigma.mul(weight)));
    const quadratic = power.mul(scalars["rateReciprocal"]!).add(scalars["l2"]!);
    return {
      weight: linear.clip(-l1, l1).sub(linear).div(quadratic),
      slots: { accumulator, linear },
    };
  },
});
