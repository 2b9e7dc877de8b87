import type { Dataset } from "../data/index.js";
import { Feeder, noRows, type StepData } from "./feeds.js";
import { type FitSubject, stepSeed } from "./subject.js";
import { type Logs, Totals } from "./totals.js";

/** Loss and metrics over all rows of a dataset. */
export async function runEvaluate(
  subject: FitSubject,
  data: Dataset,
  options: { readonly batchSize: number; readonly prefix?: string; readonly onBatch?: () => void },
): Promise<Logs> {
  const feeder = new Feeder(subject.model, data, subject.objective);
  const totals = new Totals();
  // `batch` also undoes the dataset's wish to leave out a short last one: every row counts here.
  for await (const batch of data.batch(options.batchSize).batches({ memory: new Map() })) {
    const step = feeder.step(batch);
    const report = await subject.stepper.test(subject.objective, step);
    await checkFinite(subject, step, report.values[0]!, options.prefix === undefined ? "" : ", in validation");
    totals.add(report);
    options.onBatch?.();
  }
  if (totals.rows === 0) throw noRows("evaluate");
  return totals.results(options.prefix);
}

/** Refuses data that make the loss no number. A model that overflows by itself is judged as it is. */
async function checkFinite({ model }: FitSubject, step: StepData, loss: number, when: string): Promise<void> {
  if (Number.isFinite(loss)) return;
  const { nonFiniteData } = await import("./diagnose.js");
  const error = nonFiniteData(model, step, loss, when);
  if (error !== undefined) throw error;
}

/** One update on all rows of a dataset as one batch. */
export async function runBatch(subject: FitSubject, data: Dataset, seed: number): Promise<Logs> {
  const { stepper, objective, optimizer, model } = subject;
  const feeder = new Feeder(model, data, objective);
  const totals = new Totals();
  for await (const batch of data.batches({ batchSize: data.length! })) {
    await stepper.train(objective, optimizer, feeder.step(batch), stepSeed(seed), (report) => totals.add(report));
  }
  return totals.results();
}
