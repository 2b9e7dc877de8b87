import { NacreError } from "../error.js";
import { getCompiler } from "../graph/compiler.js";
import { graphOf, placeholder } from "../graph/graph.js";
import { sub } from "../ops/elementwise/binary.js";
import { equal } from "../ops/elementwise/compare.js";
import { cast } from "../ops/elementwise/cast.js";
import { min } from "../ops/reduce/reduce.js";
import { isFloat } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import type { StepData } from "./feeds.js";
import { ModelTrace } from "./trace.js";
import type { Trainable } from "./trainable.js";

/** Says where a loss that is not finite comes from: the data, a weight, a layer, or the loss itself. */
export async function nonFiniteError(
  model: Trainable,
  data: StepData,
  loss: number,
  step: number,
): Promise<NacreError> {
  const fromData = nonFiniteData(model, data, loss, `, step ${step}`);
  if (fromData !== undefined) return fromData;
  const where = (await firstWeight(model)) ?? (await firstLayer(model, data)) ?? "loss";
  return new NacreError({
    code: "NON_FINITE",
    where: `${where}, step ${step}`,
    expected: "finite numbers",
    received: `a loss of ${loss}`,
    fix: "lower the learning rate, or clip gradients with the optimizer's globalClipnorm; the weights are those before this step",
  });
}

/** The error for a loss that is not finite because the data are not; undefined where they are. */
export function nonFiniteData(model: Trainable, data: StepData, loss: number, when = ""): NacreError | undefined {
  const columns = [
    ...data.inputs.map((column, i) => ({ column, name: `input "${model.inputNames[i]}"` })),
    ...data.labels.map((column, i) => ({ column, name: `label of "${model.outputNames[i]}"` })),
    { column: data.sampleWeight, name: "sample weight" },
  ];
  for (const { column, name } of columns) {
    const at = column === undefined || !isFloat(column.dtype) ? -1 : (column.data as Float32Array).findIndex((x) => !Number.isFinite(x));
    if (at < 0) continue;
    return new NacreError({
      code: "NON_FINITE",
      where: `data of ${name}, ${data.place(Math.floor(at / (column!.data.length / column!.shape[0]!)))}${when}`,
      expected: "finite numbers",
      received: `${column!.data[at]}, and a loss of ${loss}`,
      fix: "remove or fill the missing and infinite values; audit(data) counts them",
    });
  }
  return undefined;
}

async function firstWeight(model: Trainable): Promise<string | undefined> {
  for (const variable of model.variables) {
    const values = await variable.read();
    if (isFloat(variable.dtype) && (values as Float32Array).some((x) => !Number.isFinite(x))) return `weight ${model.pathOf(variable)}`;
  }
  return undefined;
}

/** Runs the forward pass once more, asking after each layer whether all is finite. */
async function firstLayer(model: Trainable, data: StepData): Promise<string | undefined> {
  const names: string[] = [];
  const flags: Tensor[] = [];
  const trace = new ModelTrace({
    training: false,
    watch: (layer, value) => {
      if (!isFloat(value.dtype)) return;
      names.push(layer.where);
      // x − x is 0 for finite x and NaN otherwise.
      flags.push(min(cast(equal(sub(value, value), 0), "int32")));
    },
  });
  const inputs = data.inputs.map(({ shape, dtype }, i) => placeholder(shape, dtype, `input ${i}`));
  model.call(trace, inputs.map((value) => ({ value })));
  if (flags.length === 0) return undefined;
  const variables = [...trace.values.keys()];
  const graph = graphOf([...variables.map((variable) => trace.valueOf(variable)), ...inputs], flags);
  const compiled = await getCompiler().compile(graph);
  const feeds = [...(await Promise.all(variables.map((v) => v.read()))), ...data.inputs.map((column) => column.data)];
  const results = await compiled.run(feeds);
  const finite = await Promise.all(results.map(async (result) => (await result.read())[0]));
  const first = finite.findIndex((flag) => Number(flag) === 0);
  return first < 0 ? undefined : names[first];
}
