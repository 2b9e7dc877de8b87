import { losses, optimizers, setEngine } from "nacre";
import { fromArrays } from "nacre/data";
import { Clock } from "../clock.js";
import type { Job, Measured } from "../workload.js";
import { workloads } from "../workloads/index.js";
import { makeData } from "./data.js";

/** More epochs than any measurement takes: the clock ends it. */
const ENDLESS = 1_000_000;

/** Measures `fit`, as users call it: rows in random order, the batch gathered and fed, the loss read each step. */
export async function measure(job: Job): Promise<Measured> {
  const { name, batch, inputs, loss: kind } = job.workload;
  setEngine({ threads: job.threads, withoutRules: job.without });
  const filled = makeData(job);
  const data = fromArrays({
    inputs: Object.fromEntries(inputs.map((column, i) => [column.name, filled.inputs[i]!])),
    labels: filled.labels,
  });
  const clock = new Clock(job);
  const loss =
    kind === "softmax"
      ? losses.sparseCategoricalCrossentropy({ fromLogits: true })
      : losses.binaryCrossentropy({ fromLogits: true });
  const model = workloads.find((workload) => workload.name === name)!.build();
  model.compile({ optimizer: optimizers.adam({ learningRate: 1e-3 }), loss });
  let last = Number.NaN;
  await model.fit(data, {
    epochs: ENDLESS,
    batchSize: batch,
    verbose: "silent",
    callbacks: [
      {
        name: "clock",
        onBatchEnd: (_batch, logs, context) => {
          last = logs()["loss"]!;
          if (clock.tick()) context.stop("enough was measured");
        },
      },
    ],
  });
  const parameters = model.trainableVariables.reduce((sum, variable) => sum + variable.size, 0);
  return { clock, parameters, loss: last };
}
