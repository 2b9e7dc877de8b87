import type { Variable } from "../layers/variable.js";
import type { Optimizer } from "../optimizers/index.js";
import { concreteShape } from "../tensor/shape.js";
import type { Group } from "./groups.js";
import { Joint, type Part } from "../tensor/joint.js";
import { Slot } from "./slot.js";
import type { Unit } from "./units.js";

/** What an optimizer remembers between steps: its slots for each variable, and the step's number. */
export class OptimizerState {
  readonly optimizer: Optimizer;
  /** Weights that are trained otherwise than the rest. */
  readonly groups: readonly Group[];
  /** Steps done so far. */
  step = 0;
  /** Overrides the optimizer's learning rate, as callbacks do. */
  learningRate: number | undefined;
  readonly #slots = new Map<Variable, Slot[]>();
  /** The latest joint values that begin with a variable's. */
  readonly #joint = new Map<Variable, readonly Joint[]>();

  constructor(optimizer: Optimizer, groups: readonly Group[] = []) {
    this.optimizer = optimizer;
    this.groups = groups;
  }

  /** The place of a weight's group; -1 where it belongs to none. */
  groupOf(variable: Variable): number {
    return this.groups.findIndex(({ variables }) => variables.has(variable));
  }

  /** The numbers of the next step, by name and the place of the group; weights of no group have those of -1. */
  scalars(): Readonly<Record<string, number>> {
    const own = this.optimizer.scalars(this.step, this.learningRate);
    if (this.groups.length === 0) return own;
    const rate = own["learningRate"]!;
    const sets = [own, ...this.groups.map((group) => this.optimizer.scalars(this.step, rate * group.learningRateMultiplier))];
    return Object.fromEntries(sets.flatMap((set, i) => Object.entries(set).map(([name, value]) => [scalarName(name, i - 1), value])));
  }

  /** The slots of a variable, made at the first request. */
  slotsOf(variable: Variable): Slot[] {
    let slots = this.#slots.get(variable);
    if (slots === undefined) {
      slots = Object.entries(this.optimizer.slots(variable)).map(([name, { shape, initial }]) => {
        const dims = concreteShape(shape, `optimizer slot ${name}`);
        const size = dims.reduce((product, dim) => product * dim, 1);
        const values = new Float32Array(size);
        // Zeros that nobody writes take no memory until they are with the engine.
        return new Slot(name, dims, initial === 0 ? values : values.fill(initial));
      });
      this.#slots.set(variable, slots);
    }
    return slots;
  }

  /**
   * What training steps take for units: the slots of a single variable, or a joint value of the
   * weights and one for each slot. Undefined where values must be brought together first.
   */
  readyValues(units: readonly Unit[]): (Slot | Joint)[] | undefined {
    const ready: (Slot | Joint)[] = [];
    for (const unit of units) {
      if (unit.length === 1) {
        const alone = this.slotsOf(unit[0]!);
        if (!unit[0]!.standsAlone || !alone.every((slot) => slot.standsAlone)) return undefined;
        ready.push(...alone);
        continue;
      }
      const joint = this.#joint.get(unit[0]!);
      if (joint === undefined || !this.#partsOf(unit).every((parts, i) => joint[i]?.holds(parts))) return undefined;
      ready.push(...joint);
    }
    return ready;
  }

  /** Brings the values of units together, or apart, as training steps take them. */
  async gatherValues(units: readonly Unit[]): Promise<(Slot | Joint)[]> {
    const all = await Promise.all(units.map((unit) => (unit.length === 1 ? this.#alone(unit[0]!) : this.#join(unit[0]!, this.#partsOf(unit)))));
    return all.flat();
  }

  /** The weights, then for each of the optimizer's slots the ones of all weights. */
  #partsOf(unit: Unit): (readonly Part[])[] {
    const all = unit.map((variable) => this.slotsOf(variable));
    return [unit, ...all[0]!.map((_, i) => all.map((list) => list[i]!))];
  }

  async #alone(variable: Variable): Promise<Slot[]> {
    await variable.standAlone();
    return Promise.all(this.slotsOf(variable).map((slot) => slot.standAlone()));
  }

  async #join(first: Variable, values: readonly (readonly Part[])[]): Promise<readonly Joint[]> {
    const known = this.#joint.get(first);
    const joint = await Promise.all(values.map(async (parts, i) => (known?.[i]?.holds(parts) === true ? known[i] : Joint.of(parts))));
    this.#joint.set(first, joint);
    return joint;
  }

  /** Puts the moving averages of weights, where the optimizer keeps them, in the weights' place: of those that it trains now. */
  async adoptAverages(trained: readonly Variable[]): Promise<void> {
    if (this.step === 0) return;
    const averages = trained.flatMap((variable) => {
      const average = this.#slots.get(variable)?.find((slot) => slot.name === "average");
      return average === undefined ? [] : [[variable, average] as const];
    });
    const values = await Promise.all(averages.map(([, average]) => average.read()));
    // All in one turn: others may look meanwhile.
    averages.forEach(([variable], i) => variable.assign(values[i] as ArrayLike<number>));
  }

  /** The slots that there are so far, by variable. */
  get slots(): ReadonlyMap<Variable, readonly Slot[]> {
    return this.#slots;
  }
}

/** What {@link OptimizerState.scalars} calls a number of a group. */
export function scalarName(name: string, group: number): string {
  return group < 0 ? name : `${name} ${group}`;
}
