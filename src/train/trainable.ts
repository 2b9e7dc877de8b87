import type { Layer, Masked, TraceContext } from "../layers/layer.js";
import type { LayerCall, SymbolicTensor } from "../layers/symbolic.js";
import type { Variable } from "../layers/variable.js";
import type { Key } from "../random/host.js";

/** What the training room needs of a model. */
export interface Trainable {
  readonly where: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** The layer calls from inputs to outputs, in an order that runs. */
  readonly calls: readonly LayerCall[];
  /** All layers, those of nested models too, with the names that this model knows them by. */
  readonly layerPaths: ReadonlyMap<Layer, string>;
  readonly variables: readonly Variable[];
  readonly trainableVariables: readonly Variable[];
  /** Where a variable lies in this model, such as `conv2d_1/kernel`. */
  pathOf(variable: Variable): string;
  /** Replays the layer calls on the values of a trace. */
  call(trace: TraceContext, inputs: readonly Masked[]): Masked[];
  /** Draws the first values of variables that have none. */
  initialize(seed?: number): Key;
}
