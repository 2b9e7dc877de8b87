import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Variable, VariableFields } from "./variable.js";

/** The variables that a layer declared, by their names. */
export type Weights = Readonly<Record<string, Variable | undefined>>;

/** What `build` may use: the layer's configuration, and the way to declare variables. */
export interface BuildContext<C> {
  readonly config: C;
  /** What errors call this layer, such as `dense "head"`. */
  readonly where: string;
  readonly addWeight: (name: string, fields: VariableFields) => Variable;
}

/** What the model gives to a layer's `call`. */
export interface CallContext<C = object, W = Weights> {
  readonly config: C;
  readonly where: string;
  /** The values of the declared variables, under the same names. */
  readonly weights: { readonly [K in keyof W]: W[K] extends Variable ? Tensor : Tensor | undefined };
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
}

/** What becomes of masks in a layer. */
export type MaskRule<C, W> =
  | "pass"
  | "stop"
  | ((context: CallContext<C, W>, ...inputs: Tensor[]) => Tensor | undefined);

/** All that a kind of layer is: its options, its variables, and a pure call. */
export interface LayerDefinition<C extends object = object, W extends Weights = Weights> {
  /** Keras's class name. */
  readonly className: string;
  /** Every option with its default; one that must be given is `undefined` here, and `check` asks for it. */
  readonly defaults: C;
  /** Normalises and checks the options; throws a NacreError naming `where`. */
  check?(config: C, where: string): C;
  /** Declares the variables for inputs of these shapes (first axis: batch). */
  build?(context: BuildContext<C>, ...shapes: Shape[]): W;
  call(context: CallContext<C, W>, ...inputs: Tensor[]): Tensor | readonly Tensor[];
  /**
   * `"pass"` hands on the first input's mask, `"stop"` drops masks, a function computes the
   * output's. Default `"stop"`.
   */
  readonly mask?: MaskRule<C, W>;
}
