import { NacreError } from "../../error.js";
import type { Hdf5Dataset } from "../../files/hdf5/dataset.js";
import type { Hdf5Array } from "../../files/hdf5/write.js";
import type { Variable } from "../../layers/variable.js";
import type { Optimizer } from "../../optimizers/index.js";
import { arrayOf, type TypedArray } from "../../tensor/dtype.js";
import type { OptimizerState } from "../../train/optimizerState.js";
import { shortestFloat32 } from "./shortestFloat32.js";

/** One of the values that an optimizer of Keras keeps, in `optimizer/vars`. */
type Entry =
  | { readonly kind: "steps" | "rate" | "momentumProduct" }
  /** One that we do not keep, since it follows from the others. */
  | { readonly kind: "unused"; readonly shape: readonly number[]; readonly dtype: "float32" | "int32" }
  | { readonly kind: "slot"; readonly variable: Variable; readonly slot: string; readonly shape: readonly number[] };

/** Slots that every optimizer may have, in Keras's order. */
const COMMON = ["average", "gradientAccumulator"];

/** What an optimizer keeps for these variables, in the order in which Keras makes it. */
function entriesOf(optimizer: Optimizer, variables: readonly Variable[]): Entry[] {
  const slots = new Map(variables.map((variable) => [variable, optimizer.slots(variable)]));
  const slot = (variable: Variable, name: string): Entry[] => {
    const shape = slots.get(variable)![name]?.shape as readonly number[] | undefined;
    return shape === undefined ? [] : [{ kind: "slot", variable, slot: name, shape }];
  };
  const entries: Entry[] = [{ kind: "steps" }];
  if (typeof optimizer.learningRate === "number") entries.push({ kind: "rate" });
  for (const name of COMMON) entries.push(...variables.flatMap((variable) => slot(variable, name)));
  if (optimizer.className === "Adafactor") {
    entries.push(...variables.flatMap((variable) => adafactorEntries(variable, slot)));
    return entries;
  }
  const own = [...new Set([...slots.values()].flatMap((each) => Object.keys(each)))].filter((name) => !COMMON.includes(name));
  for (const names of runsOf(optimizer.className, own)) {
    entries.push(...variables.flatMap((variable) => names.flatMap((name) => slot(variable, name))));
  }
  if (optimizer.className === "Nadam") entries.push({ kind: "momentumProduct" });
  return entries;
}

/** Slots that are made together for one variable after the other. */
function runsOf(className: string, names: readonly string[]): readonly (readonly string[])[] {
  if (className === "RMSprop") return names.map((name) => [name]);
  return [names.filter((name) => name !== "velocityHat"), names.filter((name) => name === "velocityHat")];
}

/** Rows, columns and all of a matrix; numbers in the place of the first two elsewhere. */
function adafactorEntries(variable: Variable, slot: (variable: Variable, name: string) => Entry[]): Entry[] {
  const { shape } = variable;
  if (shape.length < 2) {
    const none: Entry = { kind: "unused", shape: [], dtype: "int32" };
    return [none, none, ...slot(variable, "velocity")];
  }
  return [...slot(variable, "rows"), ...slot(variable, "columns"), { kind: "unused", shape, dtype: "float32" }];
}

/** What Keras finds in `optimizer/vars`, to go on training. */
export async function optimizerArrays(state: OptimizerState, variables: readonly Variable[]): Promise<Hdf5Array[]> {
  const { optimizer, step } = state;
  const scalar = (value: number): Hdf5Array => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });
  const rate = (): number => state.learningRate ?? optimizer.scalars(step)["learningRate"]!;
  const array = async (entry: Entry): Promise<Hdf5Array> => {
    switch (entry.kind) {
      case "steps":
        return { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(step)) };
      case "rate":
        return scalar(rate());
      case "momentumProduct":
        return scalar(momentumProduct(optimizer, step));
      case "unused": {
        const size = entry.shape.reduce((product, dim) => product * dim, 1);
        return { dtype: entry.dtype, shape: entry.shape, data: arrayOf(entry.dtype, new Float32Array(size)) };
      }
      case "slot":
        return { dtype: "float32", shape: entry.shape, data: await slotValue(state, entry) };
    }
  };
  return Promise.all(entriesOf(optimizer, variables).map(array));
}

/** A slot's elements, or those it would begin with. */
async function slotValue({ optimizer, slots }: OptimizerState, { variable, slot: name, shape }: Entry & { kind: "slot" }): Promise<TypedArray> {
  const value = slots.get(variable)?.find((slot) => slot.name === name)?.value;
  if (value !== undefined) return ArrayBuffer.isView(value) ? value : value.read();
  const size = shape.reduce((product, dim) => product * dim, 1);
  return new Float32Array(size).fill(optimizer.slots(variable)[name]!.initial);
}

/** The product of Nadam's momenta so far. */
function momentumProduct(optimizer: Optimizer, step: number): number {
  const { beta1, gradientAccumulationSteps } = optimizer.config as { readonly beta1: number; readonly gradientAccumulationSteps: number | null };
  const updates = Math.floor(step / (gradientAccumulationSteps ?? 1));
  let product = 1;
  for (let i = 1; i <= updates && product > 0; i++) product *= beta1 * (1 - 0.5 * 0.96 ** i);
  return product;
}

/**
 * Takes over what an optimizer of Keras kept. One that had not been used yet begins anew.
 *
 * @throws BAD_FILE when the values are those of another optimizer, or of other weights
 */
export function restoreOptimizer(state: OptimizerState, variables: readonly Variable[], stored: readonly (Hdf5Dataset | undefined)[]): void {
  const entries = entriesOf(state.optimizer, variables);
  const shapes = entries.map((entry) => ("shape" in entry ? entry.shape : []));
  const unused = stored.length <= 2 && stored.length < entries.length;
  if (!unused && (stored.length !== entries.length || shapes.some((shape, i) => stored[i]?.shape.join() !== shape.join()))) {
    throw new NacreError({
      code: "BAD_FILE",
      where: "model.weights.h5, optimizer",
      expected: `${entries.length} values, as ${state.optimizer.className} keeps them for the weights that it trains`,
      received: `${stored.length} values, or others`,
      fix: "load the model without its optimizer, load(path, { compile: false }), and compile it here",
    });
  }
  stored.forEach((array, i) => array !== undefined && restore(state, entries[i]!, array));
}

function restore(state: OptimizerState, entry: Entry, { data }: Hdf5Dataset): void {
  const value = data[0] ?? 0;
  if (entry.kind === "steps") {
    if (!Number.isSafeInteger(value) || value < 0) throw notCounted(value);
    state.step = value;
  }
  if (entry.kind === "rate" && Number.isFinite(value) && Math.fround(state.optimizer.scalars(0)["learningRate"]!) !== value) state.learningRate = shortestFloat32(value);
  if (entry.kind !== "slot") return;
  const slot = state.slotsOf(entry.variable).find(({ name }) => name === entry.slot);
  if (slot !== undefined) slot.value = arrayOf("float32", data);
}

function notCounted(value: number): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: "model.weights.h5, optimizer",
    expected: "a number of steps",
    received: `${value}`,
    fix: "load the model without its optimizer, load(path, { compile: false }), and compile it here",
  });
}
