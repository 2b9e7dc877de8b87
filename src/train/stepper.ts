import { getCompiler, type RunOptions } from "../graph/compiler.js";
import { Variable } from "../layers/variable.js";
import { foldIn, type Key } from "../random/host.js";
import type { DType, TypedArray } from "../tensor/dtype.js";
import type { Joint, Part } from "../tensor/joint.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import { Tensor } from "../tensor/tensor.js";
import type { StepData } from "./feeds.js";
import { FrozenPredictor } from "./frozen.js";
import type { Inspection, InspectionProgram } from "./inspection.js";
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
import { idOf, ProgramCache } from "./programCache.js";
import type { Slot } from "./slot.js";
import type { Trainable } from "./trainable.js";

/** What a step reports. */
export interface StepReport {
  readonly rows: number;
  readonly values: Float32Array;
  readonly layout: ReportLayout;
}

/** Runs a model's steps: compiles one program per batch shape and keeps the state with the engine. */
export class Stepper {
  readonly #model: Trainable;
  readonly #programs = new ProgramCache<StepProgram>();
  readonly #frozen: FrozenPredictor;
  readonly #inspections = new ProgramCache<InspectionProgram>();
  /** Which variables are frozen or adapted, and when that was found. */
  #variables = { revision: -1, key: "" };

  constructor(model: Trainable) {
    this.#model = model;
    this.#frozen = new FrozenPredictor(model);
  }

  /**
   * One update of the weights. They change only when the step succeeded with a finite loss, but for
   * those assigned meanwhile; `commit` is called in the very turn in which they do.
   *
   * @throws NON_FINITE when the loss is NaN or infinite, naming the layer where that began
   */
  async train(
    objective: Objective,
    state: OptimizerState,
    data: StepData,
    seed: Key,
    commit: (report: StepReport) => void,
  ): Promise<void> {
    const program = await this.#trainProgram(objective, state, data);
    const changing = new Map([...program.updated, ...program.units.flat()].map((variable) => [variable, variable.assignments]));
    const held = state.readyValues(program.units) ?? (await state.gatherValues(program.units));
    const scalars = state.scalars();
    const key = Uint32Array.from(foldIn(seed, state.step));
    while (!isUploaded(program.variables, held)) await upload(program.variables, held);
    const feeds = [
      ...residents(program.variables),
      ...residents(held),
      ...program.scalars.map((name) => Float32Array.of(scalars[name]!)),
      ...(program.random ? [key] : []),
      ...columnsOf(data).map((column) => column.data),
    ];
    const settle = (outputs: readonly DeviceTensor[], values: Float32Array): void => {
      // The old values are given up only now that the new ones are known to be sound.
      const assigned = [...changing].flatMap(([variable, before]) => (variable.assignments === before ? [] : [[variable, variable.value] as const]));
      for (const [variable] of assigned) variable.value = undefined;
      replace([...program.updated, ...held], outputs);
      // What was assigned while the step ran is the later word.
      for (const [variable, value] of assigned) variable.value = value;
      this.#frozen.drop();
      state.step++;
      commit({ rows: data.rows, values, layout: program.report });
    };
    // Where weights are written over, all that goes with them changes in that turn: others may look in the next.
    let settled: { readonly error?: unknown } | undefined;
    const renewed = (outputs: readonly DeviceTensor[], report: TypedArray): void => {
      try {
        settle(outputs, Float32Array.from(report as Float32Array));
        settled = {};
      } catch (error) {
        // Not the engine's: it is thrown after the run.
        settled = { error };
      }
    };
    const outputs = await this.#run(program, feeds, data, state.step, renewed);
    const report = outputs.pop()!;
    if (settled !== undefined) {
      getCompiler().release(report);
      if ("error" in settled) throw settled.error;
      return;
    }
    const values = await readReport(report);
    if (!Number.isFinite(values[0])) {
      outputs.forEach((output) => getCompiler().release(output));
      const { nonFiniteError } = await import("./diagnose.js");
      throw await nonFiniteError(this.#model, data, values[0]!, state.step);
    }
    settle(outputs, values);
  }

  /** What the gradients and activations of a step on this batch are; nothing changes. */
  async inspect(objective: Objective, step: number, data: StepData, seed: Key): Promise<Inspection> {
    const { compileInspection, inspectionOf } = await import("./inspection.js");
    const program = await this.#inspections.get(["inspect", this.#trained(), objective], data, () =>
      compileInspection(this.#model, objective, data),
    );
    while (!isUploaded(program.variables)) await upload(program.variables);
    const [output] = await program.compiled.run([
      ...residents(program.variables),
      ...(program.random ? [Uint32Array.from(foldIn(seed, step))] : []),
      ...columnsOf(data).map((column) => column.data),
    ]);
    return inspectionOf(program, await readReport(output!));
  }

  /** How a training step on such a batch reports. */
  async layout(objective: Objective, state: OptimizerState, data: StepData): Promise<ReportLayout> {
    return (await this.#trainProgram(objective, state, data)).report;
  }

  /** Loss and statistics of one batch; nothing but the states of stateful layers is changed. */
  async test(objective: Objective, data: StepData): Promise<StepReport> {
    const program = await this.#programs.get(["test", this.#trained(), objective], data, () => compileTestStep(this.#model, objective, data));
    while (!isUploaded(program.variables)) await upload(program.variables);
    const outputs = await this.#run(
      program,
      [...residents(program.variables), ...columnsOf(data).map((column) => column.data)],
      data,
    );
    replace(program.updated, outputs.splice(0, program.updated.length));
    return { rows: data.rows, values: await readReport(outputs[0]!), layout: program.report };
  }

  /** The outputs for one batch. */
  async predict(data: StepData): Promise<Tensor[]> {
    const adapted = this.#adapted();
    const held = await this.#frozen.run(data);
    if (held !== undefined) return held;
    const program = await this.#programs.get(["predict", adapted], data, () => compilePredictStep(this.#model, data));
    while (!isUploaded(program.variables)) await upload(program.variables);
    const outputs = await this.#run(
      program,
      [...residents(program.variables), ...data.inputs.map((column) => column.data)],
      data,
    );
    if (program.updated.length === 0) this.#frozen.note(program.variables, data);
    else replace(program.updated, outputs.splice(0, program.updated.length));
    return outputs.map(tensorOf);
  }

  /** @throws ENGINE_FAILED naming the step, and the layer where it can be found */
  async #run(
    { compiled, options }: StepProgram,
    feeds: Parameters<StepProgram["compiled"]["run"]>[0],
    data: StepData,
    step?: number,
    renewed?: RunOptions["renewed"],
  ): Promise<DeviceTensor[]> {
    try {
      return await compiled.run(feeds, renewed === undefined ? options : { ...options, renewed });
    } catch (cause) {
      const { failedStep } = await import("./failure.js");
      throw await failedStep(this.#model, data, cause, step);
    }
  }

  #trainProgram(objective: Objective, state: OptimizerState, data: StepData): Promise<StepProgram> {
    return this.#programs.get(["train", this.#trained(), state.optimizer, objective], data, () =>
      compileTrainStep(this.#model, objective, state, data),
    );
  }

  /** Which layers and variables are frozen: it decides what is trained, what is regularised, and how layers behave. */
  #trained(): string {
    return [...this.#model.layerPaths.keys()].map((layer) => (layer.trainable ? 1 : 0)).join("") + this.#adapted();
  }

  /** Which variables are frozen or adapted; a frozen program is dropped when that changes. */
  #adapted(): string {
    if (this.#variables.revision === Variable.revision) return this.#variables.key;
    const key = this.#model.variables.map(({ frozen, adapter }) => (frozen ? "f" : ".") + (adapter === undefined ? "" : idOf(adapter))).join("");
    if (key !== this.#variables.key) this.#frozen.drop();
    this.#variables = { revision: Variable.revision, key };
    return key;
  }
}

function tensorOf(value: DeviceTensor): Tensor {
  return new Tensor({ shape: value.shape, dtype: value.dtype, value });
}

/** Moves values to the engine at their first use. */
async function upload(variables: readonly Variable[], held: readonly (Slot | Joint)[] = []): Promise<void> {
  for (const variable of variables) {
    if (!variable.standsAlone) await variable.standAlone();
    await uploadOne(variable, variable.dtype);
  }
  for (const holder of held) await uploadOne(holder, "float32");
}

/** Whether programs can take them; asked in the turn of the run, as another run may have changed them. */
function isUploaded(variables: readonly Variable[], held: readonly (Slot | Joint)[] = []): boolean {
  return [...variables, ...held].every((holder) => !ArrayBuffer.isView(holder.value)) && variables.every((variable) => variable.standsAlone);
}

async function uploadOne(holder: Part | Joint, dtype: DType): Promise<void> {
  const { value, shape } = holder;
  if (value === undefined || !ArrayBuffer.isView(value)) return;
  const uploaded = await getCompiler().upload(value, dtype, shape);
  // Another step may have brought a newer value meanwhile.
  if (holder.value === value) holder.value = uploaded;
  else getCompiler().release(uploaded);
}

/** The uploaded values. Read in the turn of the run itself, as a training step releases the values that it replaces. */
function residents(holders: readonly (Part | Joint)[]): DeviceTensor[] {
  return holders.map(({ value }) => value as DeviceTensor);
}

/** Gives holders new values, and up the old ones. */
function replace(holders: readonly (Part | Joint)[], values: readonly DeviceTensor[]): void {
  holders.forEach((holder, i) => {
    const old = holder.value;
    holder.value = values[i]!;
    if (old !== undefined && !ArrayBuffer.isView(old)) getCompiler().release(old);
  });
}

async function readReport(report: DeviceTensor): Promise<Float32Array> {
  const values = (await report.read()) as Float32Array;
  getCompiler().release(report);
  return values;
}
