import { createProfiler } from "../engine/choice.js";
import { type Compiler, getCompiler } from "../graph/compiler.js";
import type { BatchMemory, Dataset } from "../data/index.js";
import { foldIn } from "../random/host.js";
import type { TypedArray } from "../tensor/dtype.js";
import { Feeder, noRows, type StepData } from "./feeds.js";
import { OptimizerState } from "./optimizerState.js";
import { type HostStep, Profile } from "./profileReport.js";
import { columnsOf, compileTrainStep, type StepProgram } from "./program.js";
import { type FitSubject, stepSeed } from "./subject.js";

/** Steps that run before any is measured: memory is taken and caches are filled in them. */
const WARM_STEPS = 3;

/** How much is measured. */
export interface ProfileSettings {
  readonly steps: number;
  readonly batchSize: number;
}

/** Measures training steps on a dataset; weights, optimizer and where training stands stay as they are. */
export async function runProfile(subject: FitSubject, data: Dataset, settings: ProfileSettings): Promise<Profile> {
  const plain = await measure(subject, data, settings, getCompiler());
  const profiler = await createProfiler();
  let watched: HostStep[];
  try {
    watched = await measure(subject, data, settings, profiler.compiler);
  } catch (error) {
    await profiler.finish();
    throw error;
  }
  return new Profile(plain, watched, await profiler.finish());
}

/** Runs steps as `fit` does, but for keeping what comes out of them. */
async function measure(
  { model, objective, optimizer: { optimizer, groups } }: FitSubject,
  data: Dataset,
  { steps, batchSize }: ProfileSettings,
  compiler: Compiler,
): Promise<HostStep[]> {
  const state = new OptimizerState(optimizer, groups);
  const feeder = new Feeder(model, data, objective);
  const times: HostStep[] = [];
  // As in `fit`: new arrays for each batch would cost what no training pays.
  const memory: BatchMemory = new Map();
  let first: { readonly rows: number; readonly run: (data: StepData) => Promise<void> } | undefined;
  let begin = performance.now();
  for (let epoch = 0; times.length < WARM_STEPS + steps; epoch++) {
    for await (const batch of data.batches({ batchSize, epoch, shuffle: true, memory })) {
      const fed = feeder.step(batch);
      if (first === undefined) {
        const program = await compileTrainStep(model, objective, state, fed, compiler);
        first = { rows: fed.rows, run: await runner(program, state, compiler) };
      }
      // A last, shorter batch has a program of its own.
      if (fed.rows !== first.rows) continue;
      await first.run(fed);
      const end = performance.now();
      times.push({ begin, end });
      begin = end;
      if (times.length === WARM_STEPS + steps) break;
    }
    if (first === undefined) throw noRows("profile");
  }
  return times.slice(WARM_STEPS);
}

/** What runs a program once on a batch, from copies of the state that stay as they are. */
async function runner(program: StepProgram, state: OptimizerState, compiler: Compiler): Promise<(data: StepData) => Promise<void>> {
  const values = state.readyValues(program.units) ?? (await state.gatherValues(program.units));
  const held = await Promise.all([
    ...program.variables.map(async (variable) => compiler.upload(await variable.read(), variable.dtype, variable.shape)),
    ...values.map(({ value, shape }) => compiler.upload(value as TypedArray, "float32", shape)),
  ]);
  const key = Uint32Array.from(foldIn(stepSeed(0), 0));
  return async (data) => {
    const scalars = state.scalars();
    const outputs = await program.compiled.run([
      ...held,
      ...program.scalars.map((name) => Float32Array.of(scalars[name]!)),
      ...(program.random ? [key] : []),
      ...columnsOf(data).map((column) => column.data),
    ]);
    await outputs.at(-1)!.read();
    for (const output of outputs) compiler.release(output);
  };
}
