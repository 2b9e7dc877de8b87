import * as initializers from "../../initializers/index.js";
import { add, div, sub } from "../../ops/elementwise/binary.js";
import { equal } from "../../ops/elementwise/compare.js";
import { stopGradient } from "../../ops/elementwise/unary.js";
import { where as choose } from "../../ops/elementwise/where.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { normalize } from "../../ops/reduce/norm.js";
import { reshape } from "../../ops/shape/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { Layer } from "../layer.js";
import { badOption, wholeNumber } from "../options.js";

/** Options of {@link spectralNormalization}. */
export interface SpectralNormalizationOptions {
  /** The layer whose kernel, or table of embeddings, is normalised. */
  readonly layer: Layer;
  /** Steps of the power iteration at each training step, at least 1. Default 1. */
  readonly powerIterations?: number;
}

/**
 * A layer whose kernel is divided by its largest singular value σ at the start of each training
 * step, which bounds how much the layer stretches distances. σ is found by power iteration:
 * v = uWᵀ / ‖uWᵀ‖, u = vW / ‖vW‖, σ = vWuᵀ, with u kept from step to step.
 *
 * @shape the layer's own
 * @throws BAD_ARGUMENT when the layer has neither kernel nor embeddings
 * @source Miyato et al. 2018
 * @example
 * const judge = layers.spectralNormalization({ layer: layers.dense({ units: 8 }) });
 * const model = sequential([layers.input([4]), judge, layers.dense({ units: 1 })]);
 */
export const spectralNormalization: LayerFactory<SpectralNormalizationOptions> = defineLayer({
  className: "SpectralNormalization",
  defaults: { layer: required<Layer>(), powerIterations: 1 },
  check: (config, where) => {
    if (!(config.layer instanceof Layer)) throw badOption(where, "layer", "a layer", config.layer);
    return { ...config, powerIterations: wholeNumber(where, "powerIterations", config.powerIterations) };
  },
  build: ({ config: { layer }, where, addWeight, addLayer }, shape) => {
    layer.build([shape]);
    const kernel = layer.variables.find(({ name }) => name === "kernel" || name === "embeddings");
    if (kernel === undefined) throw badOption(where, "layer", "a layer with a kernel or embeddings", layer.className);
    const vectorU = addWeight("vectorU", {
      shape: [1, kernel.shape.at(-1)!],
      initializer: initializers.truncatedNormal({ stddev: 0.02 }),
      trainable: false,
    });
    return { vectorU, layer: addLayer(layer.name, layer) };
  },
  call: ({ config, weights, training, trainable, run, open, update }, x) => {
    if (!training || !trainable) return run(weights.layer, x);
    const inside = open(weights.layer, x.shape);
    const name = "kernel" in inside.weights ? "kernel" : "embeddings";
    const kernel = inside.weights[name] as Tensor;
    const { scaled, u } = divideBySpectrum(stopGradient(kernel), weights.vectorU, config.powerIterations);
    update("vectorU", u);
    inside.update(name, scaled);
    // The layer sees the new values, and its gradient is the kernel's: as if they had been assigned.
    const assigned = add(kernel, stopGradient(sub(scaled, kernel)));
    return weights.layer.definition.call({ ...inside, weights: { ...inside.weights, [name]: assigned } }, x);
  },
});

/** The kernel [...,N] over its largest singular value, and the next u [1,N]; zeros stay as they are. */
function divideBySpectrum(kernel: Tensor, start: Tensor, iterations: number): { scaled: Tensor; u: Tensor } {
  const matrix = reshape(kernel, [-1, kernel.shape.at(-1)!]); // [M,N]
  let u = start;
  let v = u;
  for (let i = 0; i < iterations; i++) {
    v = normalize(matmul(u, matrix, { transposeB: true })); // [1,M]
    u = normalize(matmul(v, matrix));
  }
  const sigma = reshape(matmul(matmul(v, matrix), u, { transposeB: true }), []);
  const zero = equal(sigma, 0);
  return { scaled: div(kernel, choose(zero, 1, sigma)), u: choose(zero, start, u) };
}
