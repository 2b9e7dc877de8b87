import { NacreError } from "../../error.js";
import * as regularizers from "../../regularizers/index.js";
import { stack, unstack } from "../../ops/shape/concat.js";
import { flip } from "../../ops/shape/slice.js";
import { transpose } from "../../ops/shape/transpose.js";
import { formatShape, type Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { CallContext, Weights } from "../definition.js";
import { defineLayer } from "../define.js";
import { penalize } from "../kernel.js";
import type { Layer } from "../layer.js";
import { cellOf, zeroStates } from "./cell.js";
import { SEQUENCE_ARGUMENTS, SEQUENCE_DEFAULTS, type SequenceFactory, type SequenceOptions } from "./options.js";

type Context<W> = CallContext<Required<SequenceOptions>, W, typeof SEQUENCE_ARGUMENTS>;

/** Runs a cell over x, [B,T,...], as the layer's options and arguments say. */
export function runCell<W extends Weights>(context: Context<W>, cell: Layer, x: Tensor): Tensor | Tensor[] {
  const { config, where, args, masks } = context;
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
  const { outputs, states } = kind.sequence(inside, inOrder(x), {
    states: given ?? zeroStates(shapes, x),
    valid: masks[0] && unstack(inOrder(masks[0]), 0),
    zeroMasked: config.zeroOutputForMask,
  });
  const y = config.returnSequences ? swapTime(stack(outputs, 0)) : outputs.at(-1)!;
  if (config.activityRegularizer !== null) penalize(context, regularizers.get(config.activityRegularizer), y);
  return config.returnState ? [y, ...states] : y;
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
    defaults: { ...cellDefaults, ...SEQUENCE_DEFAULTS },
    args: SEQUENCE_ARGUMENTS,
    check,
    build: ({ config, addLayer }) => ({ cell: addLayer(cellName, cell(own(config))) }),
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
