import { placeholder } from "../graph/graph.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Layer } from "./layer.js";
import type { Variable } from "./variable.js";

/** How a trace answers a layer's requests; the model room implements it. */
export interface TraceContext {
  readonly training: boolean;
  /** Whether a frozen layer or model around the layer freezes it too. */
  readonly frozen?: boolean;
  valueOf(variable: Variable): Tensor;
  key(layer: Layer): Tensor;
  update(variable: Variable, value: Tensor): void;
  /** What an earlier call of this step made of running statistics and states; undefined where none did. */
  updated?(variable: Variable): Tensor | undefined;
  addLoss(value: Tensor): void;
  /** Told of each layer's output, for diagnosis. */
  readonly watch?: ((layer: Layer, value: Tensor) => void) | undefined;
}

/** A value with the mask that travels with it. */
export interface Masked {
  readonly value: Tensor;
  readonly mask?: Tensor | undefined;
}

/** The trace that finds output shapes only: values are placeholders, nothing is kept. */
export const shapesOnly: TraceContext = {
  training: false,
  valueOf: (variable) => placeholder(variable.shape, variable.dtype, variable.path),
  key: (layer) => placeholder([2], "uint32", `${layer.name} key`),
  update: () => {},
  addLoss: () => {},
};

/** A trace in which no layer trains. */
export function frozenTrace(trace: TraceContext): TraceContext {
  return {
    training: trace.training,
    frozen: true,
    watch: trace.watch,
    valueOf: (variable) => trace.valueOf(variable),
    key: (layer) => trace.key(layer),
    update: (variable, value) => trace.update(variable, value),
    updated: (variable) => trace.updated?.(variable),
    addLoss: (value) => trace.addLoss(value),
  };
}
