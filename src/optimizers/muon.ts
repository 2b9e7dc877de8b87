import { matmul } from "../ops/matrix/matmul.js";
import { sqrt, square } from "../ops/elementwise/unary.js";
import { sum } from "../ops/reduce/reduce.js";
import { matrixTranspose } from "../ops/shape/transpose.js";
import type { Tensor } from "../tensor/tensor.js";
import { decayTowards } from "./moments.js";
import { badOption } from "../options.js";
import { defineOptimizer, type VariableSpec } from "./optimizer.js";

/** Options of {@link muon}. */
export interface MuonOptions {
  /** How much of the momentum stays at each step, 0 to 1. Default 0.95. */
  readonly momentum: number;
  /** Whether the step looks ahead along the momentum. Default true. */
  readonly nesterov: boolean;
  /** Steps of the Newton–Schulz iteration, at least 1. Default 5. */
  readonly nsSteps: number;
  /** Coefficients of the iteration a · X + (b · XXᵀ + c · (XXᵀ)²) · X. Default 3.4445. */
  readonly muonA: number;
  /** Default −4.775. */
  readonly muonB: number;
  /** Default 2.0315. */
  readonly muonC: number;
  /** Root mean square of a matrix's step over the learning rate; null for the plain orthogonal step. Default 0.2. */
  readonly rmsRate: number | null;
  /** Weights whose path one of these regular expressions is found in follow Adam, such as `"head"`. Default none. */
  readonly excludeLayers: readonly string[];
  /** Whether weights with `embedding` in their path follow Adam. Default true. */
  readonly excludeEmbeddings: boolean;
  /** Adam's learning rate over that of the matrices. Default 1. */
  readonly adamLrRatio: number;
  /** Weight decay of weights that follow Adam; null for none. Default 0.004. */
  readonly adamWeightDecay: number | null;
  /** As beta1 of Adam. Default 0.9. */
  readonly adamBeta1: number;
  /** As beta2 of Adam. Default 0.999. */
  readonly adamBeta2: number;
  /** As epsilon of Adam. Default 1e-7. */
  readonly epsilon: number;
}

/** Keeps the division finite where a gradient is zero. */
const LEAST_NORM = 1e-7;

/**
 * Muon: matrices take the orthogonal matrix nearest to their momentum as step, times learningRate ·
 * rmsRate · √(larger axis); all other weights follow AdamW.
 *
 * @throws BAD_ARGUMENT when an option is out of its range
 * @source Liu et al. 2025, Muon is Scalable for LLM Training
 * @example
 * optimizers.muon({ learningRate: 0.001, excludeLayers: ["head"] });
 */
export const muon = defineOptimizer<MuonOptions>({
  className: "Muon",
  defaults: {
    weightDecay: 0.004,
    momentum: 0.95,
    nesterov: true,
    nsSteps: 5,
    muonA: 3.4445,
    muonB: -4.775,
    muonC: 2.0315,
    rmsRate: 0.2,
    excludeLayers: [],
    excludeEmbeddings: true,
    adamLrRatio: 1,
    adamWeightDecay: 0.004,
    adamBeta1: 0.9,
    adamBeta2: 0.999,
    epsilon: 1e-7,
  },
  check: ({ nsSteps, excludeLayers }, where) => {
    if (!(Number.isInteger(nsSteps) && nsSteps >= 1)) throw badOption(where, "nsSteps", "a whole number of at least 1", nsSteps);
    if (!Array.isArray(excludeLayers) || !excludeLayers.every(isExpression)) {
      throw badOption(where, "excludeLayers", "a list of regular expressions as text", excludeLayers);
    }
  },
  slots: (config, variable) => ({ momentum: 0, ...(followsAdam(config, variable) ? { velocity: 0 } : {}) }),
  weightDecay: (config, variable) => (followsAdam(config, variable) ? config.adamWeightDecay : config.weightDecay),
  scalars: (update, learningRate, { adamLrRatio, adamBeta1, adamBeta2 }) => ({
    adamStepSize: (learningRate * adamLrRatio * Math.sqrt(1 - adamBeta2 ** (update + 1))) / (1 - adamBeta1 ** (update + 1)),
  }),
  update: ({ weight, grad, slots, scalars }, config) => {
    if (slots["velocity"] !== undefined) {
      const momentum = decayTowards(slots["momentum"]!, grad, config.adamBeta1);
      const velocity = decayTowards(slots["velocity"], grad.square(), config.adamBeta2);
      const step = momentum.mul(scalars["adamStepSize"]!).div(velocity.sqrt().add(config.epsilon));
      return { weight: weight.sub(step), slots: { momentum, velocity } };
    }
    const momentum = slots["momentum"]!.mul(config.momentum).add(grad);
    const direction = orthogonal(config.nesterov ? grad.add(momentum.mul(config.momentum)) : momentum, config);
    const larger = Math.max(...(weight.shape as readonly number[]));
    const scale = config.rmsRate === null ? 1 : Math.sqrt(larger) * config.rmsRate;
    return { weight: weight.sub(direction.mul(scalars["learningRate"]!).mul(scale)), slots: { momentum } };
  },
});

function followsAdam({ excludeEmbeddings, excludeLayers }: MuonOptions, { path, shape }: VariableSpec): boolean {
  if (shape.length !== 2 || (excludeEmbeddings && path.toLowerCase().includes("embedding"))) return true;
  return excludeLayers.some((pattern) => path.search(pattern) >= 0);
}

function isExpression(text: unknown): boolean {
  try {
    return typeof text === "string" && new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Nearly U·Vᵀ of the matrix U·S·Vᵀ: singular values come to between 0.7 and 1.2. */
function orthogonal(matrix: Tensor, { nsSteps, muonA, muonB, muonC }: MuonOptions): Tensor {
  const [rows, columns] = matrix.shape as readonly [number, number];
  const wide = rows > columns ? matrixTranspose(matrix) : matrix;
  let x = wide.div(sqrt(sum(square(wide))).add(LEAST_NORM));
  for (let i = 0; i < nsSteps; i++) {
    const gram = matmul(x, matrixTranspose(x));
    const change = gram.mul(muonB).add(matmul(gram.mul(muonC), gram));
    x = x.mul(muonA).add(matmul(change, x));
  }
  return rows > columns ? matrixTranspose(x) : x;
}
