import type { ColumnSpec } from "../../data/column.js";
import type { Dataset } from "../../data/index.js";
import { SymbolicTensor } from "../../layers/symbolic.js";
import { Feeder } from "../../train/feeds.js";
import { concreteShape } from "../../tensor/shape.js";
import { notCompiled } from "../fitChecks.js";
import { Model } from "../model.js";
import type { OnnxProgram } from "./program.js";

/** Loss and metrics of `model` for what an ONNX program predicts in its place. */
export async function judge(model: Model, program: OnnxProgram, data: Dataset, batchSize: number): Promise<Record<string, number>> {
  if (model.compiled === undefined) throw notCompiled("quantize evaluate");
  const names = model.outputNames.map((name) => `${name} as predicted`);
  const inputs = model.outputs.map(({ dtype, shape }, i) => new SymbolicTensor({ dtype, shape, name: names[i]! }));
  const identity = new Model({ inputs, outputs: Object.fromEntries(model.outputNames.map((name, i) => [name, inputs[i]!])) });
  identity.compiled = model.compiled;
  const feeder = new Feeder(model, data);
  const columns: Record<string, ColumnSpec> = Object.fromEntries(Object.entries(data.columns).filter(([name]) => !data.inputs.includes(name)));
  names.forEach((name, i) => {
    const { dtype, shape } = model.outputs[i]!;
    columns[name] = { dtype, shape: concreteShape(shape.slice(1), `quantize evaluate, output "${model.outputNames[i]!}"`) };
  });
  const predicted = data.mapBatches(
    async (batch) => {
      const outputs = await program.run(feeder.step(batch).inputs);
      const rest = Object.entries(batch).filter(([name]) => !data.inputs.includes(name));
      return Object.fromEntries([...rest, ...outputs.map((column, i) => [names[i]!, column] as const)]);
    },
    { columns, inputs: names },
  );
  return identity.evaluate(predicted, { batchSize });
}
