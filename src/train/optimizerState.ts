import type { Variable } from "../layers/variable.js";
import type { Optimizer } from "../optimizers/index.js";
import { allocate, type TypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import { concreteShape } from "../tensor/shape.js";

/** One value that an optimizer keeps for a variable, such as a moment. */
export interface Slot {
  readonly name: string;
  readonly shape: readonly number[];
  value: TypedArray | DeviceTensor;
}

/** What an optimizer remembers between steps: its slots for each variable, and the step's number. */
export class OptimizerState {
  readonly optimizer: Optimizer;
  /** Steps done so far. */
  step = 0;
  /** Overrides the optimizer's learning rate, as callbacks do. */
  learningRate: number | undefined;
  readonly #slots = new Map<Variable, Slot[]>();

  constructor(optimizer: Optimizer) {
    this.optimizer = optimizer;
  }

  /** The slots of a variable, made at the first request. */
  slotsOf(variable: Variable): Slot[] {
    let slots = this.#slots.get(variable);
    if (slots === undefined) {
      slots = Object.entries(this.optimizer.slots(variable)).map(([name, { shape, initial }]) => {
        const dims = concreteShape(shape, `optimizer slot ${name}`);
        const size = dims.reduce((product, dim) => product * dim, 1);
        return { name, shape: dims, value: allocate("float32", size).fill(initial as never) };
      });
      this.#slots.set(variable, slots);
    }
    return slots;
  }

  /** Puts the moving averages of the weights, where the optimizer keeps them, in the weights' place. */
  async adoptAverages(): Promise<void> {
    for (const [variable, slots] of this.#slots) {
      const average = slots.find((slot) => slot.name === "average")?.value;
      if (average === undefined || this.step === 0) continue;
      const data = ArrayBuffer.isView(average) ? average : await average.read();
      variable.assign(data as ArrayLike<number>);
    }
  }

  /** The slots that there are so far, by variable. */
  get slots(): ReadonlyMap<Variable, readonly Slot[]> {
    return this.#slots;
  }
}
