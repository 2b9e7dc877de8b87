import type { Layer, Masked, TraceContext } from "../layers/layer.js";
import type { SymbolicTensor } from "../layers/symbolic.js";
import type { Variable } from "../layers/variable.js";
import type { Key } from "../random/host.js";

/** What the training room needs of a model. */
export interface Trainable {
  readonly where: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly layers: readonly Layer[];
  readonly variables: readonly Variable[];
  readonly trainableVariables: readonly Variable[];
  /** Replays the layer calls on the values of a trace. */
  call(trace: TraceContext, inputs: readonly Masked[]): Masked[];
  /** Draws the first values of variables that have none. */
  initialize(seed?: number): Key;
}
