import { NacreError } from "../../error.js";
import { zeros } from "../../initializers/index.js";
import * as regularizers from "../../regularizers/index.js";
import { stack, unstack } from "../../ops/shape/concat.js";
import { flip } from "../../ops/shape/slice.js";
import { transpose } from "../../ops/shape/transpose.js";
import { formatShape, type Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { BuildContext, CallContext, Weights } from "../definition.js";
import { defineLayer } from "../define.js";
import { penalize } from "../kernel.js";
import type { Layer } from "../layer.js";
import type { Variable } from "../variable.js";
import { cellOf, zeroStates } from "./cell.js";
import { SEQUENCE_ARGUMENTS, SEQUENCE_DEFAULTS, type SequenceFactory, type SequenceOptions } from "./options.js";

type Context<W> = CallContext<Required<SequenceOptions>, W, typeof SEQUENCE_ARGUMENTS>;

/** Runs a cell over x, [B,T,...], as the layer's options and arguments say. */
export function runCell<W extends Weights>(context: Context<W>, cell: Layer, x: Tensor): Tensor | Tensor[] {
  const { config, where, args, masks, weights } = context;
  if (x.rank < 3) throw notSequences(where, x.shape);
  const kind = cellOf(where, cell);
  const step = [x.shape[0]!, ...x.shape.slice(2)];
  const inside = context.open(cell, step);
  const shapes = kind.states(inside, step);
  const given = args.initialState === null ? undefined : ([args.initialState].flat() as Tensor[]);
  if (given !== undefined) checkStates(where, given, shapes);
  const inOrder = (sequence: Tensor): Tensor => {
    const steps = swapTime(sequence); // [T,B,...]: steps in one piece each
    return config.goBackwards ? flip(steps, 0) : steps;
  };
  const kept = config.stateful ? shapes.map((_, i) => stateName(i)) : [];
  const { outputs, states } = kind.sequence(inside, inOrder(x), {
    states: given ?? (config.stateful ? kept.map((name) => weights[name as keyof W] as Tensor) : zeroStates(shapes, x)),
    valid: masks[0] && unstack(inOrder(masks[0]), 0),
    zeroMasked: config.zeroOutputForMask,
  });
  kept.forEach((name, i) => context.update(name as keyof W & string, states[i]!));
  const y = config.returnSequences ? swapTime(stack(outputs, 0)) : outputs.at(-1)!;
  if (config.activityRegularizer !== null) penalize(context, regularizers.get(config.activityRegularizer), y);
  return config.returnState ? [y, ...states] : y;
}

/** Declares what a stateful layer carries from batch to batch: the states of its cell. */
export function addStates(context: BuildContext<Required<SequenceOptions>>, cell: Layer, shape: Shape): Record<string, Variable> {
  const { addWeight, config, where } = context;
  if (!config.stateful) return {};
  const [batch] = shape;
  if (typeof batch !== "number") throw needsBatchSize(where, shape);
  const shapes = cellOf(where, cell).states({ config: cell.config, where: cell.where }, [batch, ...shape.slice(2)]);
  return Object.fromEntries(
    shapes.map((state, i) => [stateName(i), addWeight(stateName(i), { shape: [batch, ...state], initializer: zeros(), state: true })]),
  );
}

function stateName(place: number): string {
  return `state_${place}`;
}

/** Steps of sequences have masks, states have none. */
export function sequenceMask<W>({ config, masks }: Context<W>): (Tensor | undefined)[] {
  return [config.returnSequences ? masks[0] : undefined];
}

/** The layer of a class of cells: options of both, and the cell under its own name inside. */
export function defineRecurrent<C extends object, O extends object>(options: {
  readonly className: string;
  readonly cellName: string;
  readonly cell: (options: O) => Layer;
  readonly cellDefaults: C;
  readonly check: (config: C & Required<SequenceOptions>, where: string) => C & Required<SequenceOptions>;
}): SequenceFactory<O> {
  const { className, cellName, cell, cellDefaults, check } = options;
  const own = (config: object): O =>
    Object.fromEntries(Object.entries(config).filter(([option]) => Object.hasOwn(cellDefaults, option))) as O;
  return defineLayer({
    className,
    inputDType: "float32",
    defaults: { ...cellDefaults, ...SEQUENCE_DEFAULTS },
    args: SEQUENCE_ARGUMENTS,
    check,
    build: (context, shape) => {
      const inside = context.addLayer(cellName, cell(own(context.config)));
      return { cell: inside, ...addStates(context, inside, shape) };
    },
    call: (context, x) => runCell(context, context.weights.cell, x),
    mask: sequenceMask,
  }) as unknown as SequenceFactory<O>;
}

function swapTime(x: Tensor): Tensor {
  return transpose(x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]);
}

function notSequences(where: string, shape: Shape): NacreError {
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: "sequences [batch, time, ...features]",
    received: formatShape(shape),
    fix: "return sequences from the layer before, or add a time axis with reshape",
  });
}

function needsBatchSize(where: string, shape: Shape): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: `${where}, option stateful`,
    expected: "batches of a fixed size",
    received: formatShape(shape),
    fix: "give it to the model's input, as in layers.input([10, 3], { batchSize: 32 })",
  });
}

function checkStates(where: string, states: readonly Tensor[], shapes: readonly (readonly number[])[]): void {
  const fits = states.length === shapes.length && shapes.every((shape, i) => states[i]!.shape.slice(1).join() === shape.join());
  if (fits) return;
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where: `${where}, argument initialState`,
    expected: `states ${shapes.map((shape) => formatShape(["batch", ...shape])).join(" and ")}`,
    received: states.map((state) => formatShape(state.shape)).join(" and "),
    fix: "pass the states that a layer of the same units gives with returnState: true",
  });
}
