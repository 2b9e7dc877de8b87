import { NacreError } from "../error.js";
import { getCompiler } from "../graph/compiler.js";
import type { Variable } from "../layers/variable.js";
import { foldIn, type Key } from "../random/host.js";
import type { TypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import { Tensor } from "../tensor/tensor.js";
import { nonFiniteError } from "./diagnose.js";
import type { StepData } from "./feeds.js";
import type { Objective } from "./objective.js";
import type { OptimizerState } from "./optimizerState.js";
import {
  columnsOf,
  compilePredictStep,
  compileTestStep,
  compileTrainStep,
  type ReportLayout,
  type StepProgram,
} from "./program.js";
import type { Trainable } from "./trainable.js";

/** How many shapes of batches keep a compiled program, the least recently used going first. */
const PROGRAMS_KEPT = 16;

/** What a step reports. */
export interface StepReport {
  readonly rows: number;
  readonly values: Float32Array;
  readonly layout: ReportLayout;
}

/** Runs a model's steps: compiles one program per batch shape and keeps the state with the engine. */
export class Stepper {
  readonly #model: Trainable;
  readonly #programs = new Map<string, Promise<StepProgram>>();

  constructor(model: Trainable) {
    this.#model = model;
  }

  /**
   * One update of the weights. They change only when the step succeeded with a finite loss.
   *
   * @throws NON_FINITE when the loss is NaN or infinite, naming the layer where that began
   */
  async train(objective: Objective, state: OptimizerState, data: StepData, seed: Key): Promise<StepReport> {
    const frozen = this.#model.layers.map((layer) => (layer.trainable ? 1 : 0)).join("");
    const program = await this.#program(["train", frozen, state.optimizer, objective], data, () =>
      compileTrainStep(this.#model, objective, state, data),
    );
    const slots = program.trained.flatMap((variable) => state.slotsOf(variable));
    const scalars = state.optimizer.scalars(state.step, state.learningRate);
    const key = Uint32Array.from(foldIn(seed, state.step));
    const outputs = await program.compiled.run([
      ...(await resident(program.variables)),
      ...(await residentSlots(slots)),
      ...program.scalars.map((name) => Float32Array.of(scalars[name]!)),
      key,
      ...columnsOf(data).map((column) => column.data),
    ]);
    const values = await readReport(outputs.pop()!);
    if (!Number.isFinite(values[0])) {
      outputs.forEach((output) => getCompiler().release(output));
      throw await nonFiniteError(this.#model, data, values[0]!, state.step);
    }
    // The old values are given up only now that the new ones are known to be sound.
    const replaced: (TypedArray | DeviceTensor | undefined)[] = [];
    program.updated.forEach((variable, i) => {
      replaced.push(variable.value);
      variable.adopt(outputs[i]!);
    });
    slots.forEach((slot, i) => {
      replaced.push(slot.value);
      slot.value = outputs[program.updated.length + i]!;
    });
    for (const old of replaced) if (old !== undefined && !ArrayBuffer.isView(old)) getCompiler().release(old);
    state.step++;
    return { rows: data.rows, values, layout: program.report };
  }

  /** Loss and statistics of one batch, nothing changed. */
  async test(objective: Objective, data: StepData): Promise<StepReport> {
    const program = await this.#program(["test", objective], data, () => compileTestStep(this.#model, objective, data));
    const [report] = await program.compiled.run([
      ...(await resident(program.variables)),
      ...columnsOf(data).map((column) => column.data),
    ]);
    return { rows: data.rows, values: await readReport(report!), layout: program.report };
  }

  /** The outputs for one batch. */
  async predict(data: StepData): Promise<Tensor[]> {
    const program = await this.#program(["predict"], data, () => compilePredictStep(this.#model, data));
    const outputs = await program.compiled.run([
      ...(await resident(program.variables)),
      ...data.inputs.map((column) => column.data),
    ]);
    return outputs.map((value) => new Tensor({ shape: value.shape, dtype: value.dtype, value }));
  }

  /** The program for a kind of step and a shape of batch; objects in `identity` count by identity. */
  #program(identity: readonly unknown[], data: StepData, compile: () => Promise<StepProgram>): Promise<StepProgram> {
    const columns = [...data.inputs, ...data.labels, data.sampleWeight];
    const shapes = columns.map((column) => (column === undefined ? "-" : `${column.dtype}[${column.shape.join()}]`));
    const key = [...identity.map((part) => (typeof part === "object" ? `#${idOf(part!)}` : part)), ...shapes].join("|");
    const program = this.#programs.get(key) ?? compile();
    this.#programs.delete(key);
    this.#programs.set(key, program);
    if (this.#programs.size > PROGRAMS_KEPT) this.#programs.delete(this.#programs.keys().next().value!);
    program.catch(() => this.#programs.delete(key));
    return program;
  }
}

const ids = new WeakMap<object, number>();
let nextId = 0;

function idOf(object: object): number {
  let id = ids.get(object);
  if (id === undefined) ids.set(object, (id = nextId++));
  return id;
}

/** Values of variables, moved to the engine at their first use. */
async function resident(variables: readonly Variable[]): Promise<DeviceTensor[]> {
  const values: DeviceTensor[] = [];
  for (const variable of variables) {
    let { value } = variable;
    if (value === undefined) throw uninitialised(variable);
    if (ArrayBuffer.isView(value)) {
      value = await getCompiler().upload(value, variable.dtype, variable.shape);
      variable.adopt(value);
    }
    values.push(value);
  }
  return values;
}

async function residentSlots(slots: readonly { value: TypedArray | DeviceTensor; shape: readonly number[] }[]): Promise<DeviceTensor[]> {
  const values: DeviceTensor[] = [];
  for (const slot of slots) {
    if (ArrayBuffer.isView(slot.value)) slot.value = await getCompiler().upload(slot.value, "float32", slot.shape);
    values.push(slot.value);
  }
  return values;
}

async function readReport(report: DeviceTensor): Promise<Float32Array> {
  const values = (await report.read()) as Float32Array;
  getCompiler().release(report);
  return values;
}

function uninitialised(variable: Variable): NacreError {
  return new NacreError({
    code: "NOT_COMPILED",
    where: `variable ${variable.path}`,
    expected: "a value",
    received: "none",
    fix: "call model.initialize(seed) first",
  });
}
