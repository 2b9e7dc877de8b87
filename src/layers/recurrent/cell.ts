import { NacreError } from "../../error.js";
import { where as choose } from "../../ops/elementwise/where.js";
import { unstack } from "../../ops/shape/concat.js";
import { zeros, zerosLike } from "../../ops/shape/fill.js";
import { expandDims, reshape } from "../../ops/shape/reshape.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { CallContext, LayerDefinition, Weights } from "../definition.js";
import { defineLayer, type LayerFactory } from "../define.js";
import type { Layer, SymbolicInputs } from "../layer.js";
import type { SymbolicTensor } from "../symbolic.js";

/** What a sequence starts from, and which of its steps count. */
export interface Flow {
  readonly states: readonly Tensor[];
  /** For each step, which rows of the batch are valid: bool [B]. Undefined where all are. */
  readonly valid: readonly Tensor[] | undefined;
  /** Whether the output of a masked step is 0 instead of the step's before. */
  readonly zeroMasked: boolean;
}

/** The output of each step, and the states after the last. */
export interface Sequence {
  readonly outputs: readonly Tensor[];
  readonly states: readonly Tensor[];
}

/** A step that was prepared for a sequence: from an input and the states to the output and the new states. */
export type Step = (x: Tensor, states: readonly Tensor[]) => readonly Tensor[];

/** What a cell is: how a layer of one step is defined, with `states`, and with `steps` or `sequence` in place of `call`. */
export interface CellDefinition<C extends object = object, W extends Weights = Weights> extends Omit<LayerDefinition<C, W>, "call"> {
  /** The shape of each state without the batch axis, for steps of input of the shape `step`: [B,...]. */
  states(context: { readonly config: C; readonly where: string }, step: Shape): readonly (readonly number[])[];
  /** One step: gives the output, then the new states. */
  call?(context: CallContext<C, W>, x: Tensor, ...states: Tensor[]): readonly Tensor[];
  /**
   * Instead of `call`: computes for all steps of x, [T,B,...], what does not depend on the states,
   * and gives the inputs of the steps, along their first axis, with the step itself.
   */
  steps?(context: CallContext<C, W>, x: Tensor): { readonly inputs: Tensor; readonly step: Step };
  /** Instead of both: a whole sequence x, [T,B,...]. */
  sequence?(context: CallContext<C, W>, x: Tensor, flow: Flow): Sequence;
}

/** A cell as layers of sequences use it. */
export interface Cell<C extends object = object, W extends Weights = Weights> extends LayerDefinition<C, W> {
  readonly states: CellDefinition<C, W>["states"];
  readonly sequence: (context: CallContext<C, W>, x: Tensor, flow: Flow) => Sequence;
}

/** How a cell is called by itself: on `[x, ...states]`, or on x alone for states of zeros. */
export interface CellLayer extends Layer {
  (inputs: SymbolicInputs, args?: Readonly<Record<never, never>>): SymbolicTensor[];
}

/**
 * Makes a kind of cell for {@link rnn}, and registers its class name, so that saved models find it.
 *
 * @example
 * const leaky = defineCell({
 *   className: "LeakyCell",
 *   defaults: { units: 4, rate: 0.1 },
 *   states: ({ config }) => [[config.units]],
 *   build: ({ config, addWeight }, shape) => ({
 *     kernel: addWeight("kernel", { shape: [shape.at(-1) as number, config.units], initializer: initializers.glorotUniform() }),
 *   }),
 *   call: ({ config, weights }, x, h) => {
 *     const next = h!.mul(1 - config.rate).add(x.matmul(weights.kernel).tanh().mul(config.rate));
 *     return [next, next];
 *   },
 * });
 * const model = sequential([layers.input([10, 3]), layers.rnn({ cell: leaky({ units: 8 }) })]);
 */
export function defineCell<C extends object, W extends Weights, O extends object = Partial<C>>(
  definition: CellDefinition<C, W>,
): LayerFactory<O, CellLayer> {
  const sequence = (context: CallContext<C, W>, x: Tensor, flow: Flow): Sequence => {
    if (definition.sequence !== undefined) return definition.sequence(context, x, flow);
    if (definition.steps === undefined) return unroll(x, (input, states) => definition.call!(context, input, ...states), flow);
    const { inputs, step } = definition.steps(context, x);
    return unroll(inputs, step, flow);
  };
  const cell: Cell<C, W> = {
    inputDType: "float32",
    ...definition,
    sequence,
    call: (context, x, ...given) => {
      const states = given.length > 0 ? given : zeroStates(definition.states(context, x.shape), x);
      if (definition.call !== undefined) return definition.call(context, x, ...states);
      const once = sequence(context, expandDims(x, 0), { states, valid: undefined, zeroMasked: false });
      return [once.outputs[0]!, ...once.states];
    },
  };
  return defineLayer<C, W, O, object, CellLayer>(cell);
}

/** The steps of x, [T,B,...], one after the other. A masked step keeps the states. */
export function unroll(x: Tensor, step: Step, { states: first, valid, zeroMasked }: Flow): Sequence {
  let states = first;
  let before: Tensor | undefined;
  const outputs = unstack(x, 0).map((input, t) => {
    const [output, ...next] = step(input, states) as [Tensor, ...Tensor[]];
    const rows = valid?.[t];
    states = rows === undefined ? next : next.map((state, i) => keep(rows, state, states[i]!));
    before = rows === undefined ? output : keep(rows, output, zeroMasked ? zerosLike(output) : (before ?? zerosLike(output)));
    return before;
  });
  return { outputs, states };
}

/** States of zeros for a batch like that of x. */
export function zeroStates(shapes: readonly (readonly number[])[], x: Tensor): Tensor[] {
  return shapes.map((shape) => zeros([x.shape[0]!, ...shape], x.dtype));
}

/** What a layer is as a cell. @throws BAD_ARGUMENT when it is none */
export function cellOf(where: string, layer: Layer): Cell {
  if (typeof layer === "function" && "states" in layer.definition) return layer.definition as Cell;
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where: `${where}, option cell`,
    expected: "a cell, such as layers.lstmCell({ units: 8 }), or one of your own by defineCell",
    received: typeof layer === "function" ? layer.where : typeof layer,
    fix: "pass a cell, or a list of cells to stack them",
  });
}

/** `next` in valid rows, `old` in masked ones. */
function keep(rows: Tensor, next: Tensor, old: Tensor): Tensor {
  return choose(reshape(rows, [rows.shape[0]!, ...next.shape.slice(1).map(() => 1)]), next, old);
}
