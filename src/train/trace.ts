import { NacreError } from "../error.js";
import { placeholder } from "../graph/graph.js";
import type { Layer, TraceContext } from "../layers/layer.js";
import type { Variable } from "../layers/variable.js";
import { foldKey } from "../ops/random/index.js";
import type { Tensor } from "../tensor/tensor.js";

/** One trace of a model: variables become inputs, and what layers ask for is collected. */
export class ModelTrace implements TraceContext {
  readonly training: boolean;
  /** The inputs that stand for variables, in the order in which the model uses them. */
  readonly values = new Map<Variable, Tensor>();
  /** What variables that are not trained become after this step. */
  readonly updates = new Map<Variable, Tensor>();
  /** Scalars that layers add to the loss. */
  readonly losses: Tensor[] = [];
  /** Told of each layer's output, in the order of the calls. */
  readonly watch: ((layer: Layer, value: Tensor) => void) | undefined;
  readonly #layerPaths: ReadonlyMap<Layer, string>;
  readonly #key: Tensor | undefined;
  readonly #draws = new Map<Layer, number>();

  /**
   * `key` is this step's random key; without one, a layer that asks for randomness is an error.
   * Each layer's own key follows from its path: its name may be another model's.
   */
  constructor(options: {
    readonly training: boolean;
    readonly key?: Tensor;
    readonly layerPaths?: ReadonlyMap<Layer, string>;
    readonly watch?: (layer: Layer, value: Tensor) => void;
  }) {
    this.#layerPaths = options.layerPaths ?? new Map();
    this.training = options.training;
    this.watch = options.watch;
    this.#key = options.key;
  }

  valueOf(variable: Variable): Tensor {
    let value = this.values.get(variable);
    if (value === undefined) {
      value = placeholder(variable.shape, variable.dtype, variable.path);
      this.values.set(variable, value);
    }
    return value;
  }

  key(layer: Layer): Tensor {
    if (this.#key === undefined) {
      throw new NacreError({
        code: "BAD_ARGUMENT",
        where: layer.where,
        expected: "randomness only while training",
        received: "a request for a random key outside of it",
        fix: "return the input unchanged when ctx.training is false",
      });
    }
    const draw = this.#draws.get(layer) ?? 0;
    this.#draws.set(layer, draw + 1);
    const key = foldKey(this.#key, this.#layerPaths.get(layer) ?? layer.name);
    return draw === 0 ? key : foldKey(key, draw);
  }

  update(variable: Variable, value: Tensor): void {
    this.updates.set(variable, value);
  }

  updated(variable: Variable): Tensor | undefined {
    // A kernel that a layer sets while it trains is still the one that gradients are taken of.
    return variable.trainable ? undefined : this.updates.get(variable);
  }

  addLoss(value: Tensor): void {
    this.losses.push(value);
  }
}
