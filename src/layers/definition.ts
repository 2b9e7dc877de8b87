import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Learned, Rows } from "./adapt.js";
import type { CallArguments } from "./arguments.js";
import type { Layer } from "./layer.js";
import type { Variable, VariableFields } from "./variable.js";

/** The variables, and the layers inside it, that a layer declared, by their names. */
export interface Weights {
  readonly [name: string]: Variable | Layer | undefined;
}

/** What stands for a declared variable or inner layer in a call: the variable's value, or the layer itself. */
export type Part<V> = V extends Variable ? Tensor : V;

/** What `build` may use: the layer's configuration, and the way to declare variables. */
export interface BuildContext<C> {
  readonly config: C;
  /** What errors call this layer, such as `dense "head"`. */
  readonly where: string;
  readonly addWeight: (name: string, fields: VariableFields) => Variable;
  /** Takes a layer in: its variables, under `name/`, belong to this one. It is built when `call` first runs it. */
  readonly addLayer: <L extends Layer>(name: string, layer: L) => L;
}

/** What the model gives to a layer's `call`. */
export interface CallContext<C = object, W = Weights, A = object> {
  readonly config: C;
  readonly where: string;
  /** Arguments of the call beside the inputs, over their defaults. */
  readonly args: A;
  /** The values of the declared variables, and the layers inside, under the same names. */
  readonly weights: { readonly [K in keyof W]: Part<W[K]> };
  readonly training: boolean;
  /** False for a frozen layer. */
  readonly trainable: boolean;
  /** For each input, its mask of valid steps where it has one: bool [B,T]. */
  readonly masks: readonly (Tensor | undefined)[];
  /** A random key, fresh for each layer, step and use. uint32 [2] */
  readonly key: () => Tensor;
  /** Gives a variable that is not trained its value after this step. */
  readonly update: (name: keyof W & string, value: Tensor) => void;
  /** Adds a scalar to the loss of this step. */
  readonly addLoss: (value: Tensor) => void;
  /** The first output of a layer inside this one. */
  readonly run: (layer: Layer, inputs: Tensor | readonly Tensor[], args?: CallArguments) => Tensor;
  /** All outputs of a layer inside this one. */
  readonly runAll: (layer: Layer, inputs: Tensor | readonly Tensor[], args?: CallArguments) => readonly Tensor[];
  /** What a layer inside this one would see in a call on inputs of these shapes: for layers that do more than call it. */
  readonly open: (layer: Layer, ...shapes: Shape[]) => CallContext;
}

/** What becomes of masks in a layer. */
export type MaskRule<C, W, A = object> =
  | "pass"
  | "stop"
  | ((context: CallContext<C, W, A>, ...inputs: Tensor[]) => Tensor | undefined | readonly (Tensor | undefined)[]);

/** What a layer that holds a graph of its own tells of it: its values, and its variables, are known by their own names. */
export interface GraphInside {
  /** What its values are called, also by the nodes that make them. */
  readonly names: readonly string[];
  /** The values that the layer gives. */
  readonly outputs: readonly string[];
  /** A layer for the part of the graph that makes some values, with the same variables, and which of the inputs it takes. */
  cut(values: readonly string[]): { readonly layer: Layer; readonly inputs: readonly number[] };
  /** What the last node with a weight takes; undefined where there is none. */
  readonly headInput: string | undefined;
  /** The variables that are factors of matrix products. */
  readonly matrices: ReadonlySet<Variable>;
}

/** All that a kind of layer is: its options, its variables, and a pure call. */
export interface LayerDefinition<C extends object = object, W extends Weights = Weights, A extends object = object> {
  /** Keras's class name. */
  readonly className: string;
  /** Other names under which files may know the class. */
  readonly aliases?: readonly string[];
  /** Every option with its default; one that must be given is `undefined` here, and `check` asks for it. */
  readonly defaults: C;
  /**
   * The arguments that a call may have beside the inputs, with their defaults. A tensor may stand
   * in them, or in a list in them. All layers have the argument `mask`, which is not listed.
   */
  readonly args?: A;
  /**
   * What inputs of whole numbers become before anything is done with them: `"float32"`, as weights are, or
   * `"common"`, one dtype that holds the values of all inputs. Default: they stay as they are.
   */
  readonly inputDType?: "float32" | "common";
  /** Whether, while training, what it gives for a row depends on the other rows of the batch. Default false. */
  readonly acrossRows?: boolean;
  /** Normalises and checks the options; throws a NacreError naming `where`. */
  check?(config: C, where: string): C;
  /** Declares the variables for inputs of these shapes (first axis: batch). */
  build?(context: BuildContext<C>, ...shapes: Shape[]): W;
  call(context: CallContext<C, W, A>, ...inputs: Tensor[]): Tensor | readonly Tensor[];
  /**
   * `"pass"` hands on the first input's mask, `"stop"` drops masks, a function computes the mask of
   * all outputs, or a list with one for each. Default `"stop"`.
   */
  readonly mask?: MaskRule<C, W, A>;
  /** Of a layer that holds a graph of its own. */
  inside?(layer: Layer): GraphInside;
  /** Learns from data what the layer must know before it is used, such as its mean and variance. */
  adapt?(context: { readonly config: C; readonly where: string }, rows: AsyncIterable<Rows>): Promise<Learned<C>>;
}
