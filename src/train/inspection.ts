import { gradients } from "../autodiff/gradients.js";
import { type CompiledGraph, getCompiler } from "../graph/compiler.js";
import { graphOf, nodesOf, placeholder } from "../graph/graph.js";
import type { Variable } from "../layers/variable.js";
import { abs, square } from "../ops/elementwise/unary.js";
import { cast } from "../ops/elementwise/cast.js";
import { equal } from "../ops/elementwise/compare.js";
import { max, mean } from "../ops/reduce/reduce.js";
import { stack } from "../ops/shape/concat.js";
import { onesLike } from "../ops/shape/fill.js";
import { isFloat } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import type { StepData } from "./feeds.js";
import type { Objective } from "./objective.js";
import { placeholders } from "./program.js";
import { ModelTrace } from "./trace.js";
import type { Trainable } from "./trainable.js";

/** What one look into a training step found, beside the step itself. */
export interface Inspection {
  readonly loss: number;
  /** Root of the mean square of each trained variable's gradient, by path. */
  readonly gradients: ReadonlyMap<string, number>;
  /** For each layer, by path, the share of its units that are 0 for every sample of the batch. */
  readonly dead: ReadonlyMap<string, number>;
}

/** A program that looks into a step: the order of its inputs, and what its one output holds. */
export interface InspectionProgram {
  readonly compiled: CompiledGraph;
  readonly variables: readonly Variable[];
  readonly random: boolean;
  readonly gradients: readonly string[];
  readonly layers: readonly string[];
}

/** Forward and backward pass with norms and shares as output, nothing changed. */
export async function compileInspection(model: Trainable, objective: Objective, data: StepData): Promise<InspectionProgram> {
  const key = placeholder([2], "uint32", "key");
  const layers: string[] = [];
  const dead: Tensor[] = [];
  const trace = new ModelTrace({
    training: true,
    key,
    layerPaths: model.layerPaths,
    watch: (layer, value) => {
      if (!isFloat(value.dtype) || value.rank < 2) return;
      layers.push(model.layerPaths.get(layer) ?? layer.name);
      const largest = max(abs(value), { axes: value.shape.slice(0, -1).map((_, axis) => axis) }); // [C]
      dead.push(mean(cast(equal(largest, 0), "float32")));
    },
  });
  const columns = placeholders(data);
  const predictions = model.call(trace, columns.inputs.map((value) => ({ value })));
  const trainable = model.trainableVariables;
  const { loss } = objective.assess(trace, trainable, predictions, columns.labels, columns.sampleWeight);
  const used = trainable.filter((variable) => trace.values.has(variable));
  const found = gradients([loss], [onesLike(loss)], used.map((variable) => trace.valueOf(variable)));
  const trained = used.filter((_, i) => found[i] !== null);
  const squares = found.flatMap((gradient) => (gradient === null ? [] : [mean(square(gradient))]));
  const output = stack([loss, ...squares, ...dead]);
  const variables = [...trace.values.keys()];
  const random = nodesOf([output]).some((node) => node.inputs.includes(key));
  const inputs = [...variables.map((variable) => trace.valueOf(variable)), ...(random ? [key] : []), ...columns.all];
  return {
    compiled: await getCompiler().compile(graphOf(inputs, [output])),
    variables,
    random,
    gradients: trained.map((variable) => model.pathOf(variable)),
    layers,
  };
}

/** What the program's output says. */
export function inspectionOf({ gradients, layers }: InspectionProgram, values: ArrayLike<number>): Inspection {
  const at = 1 + gradients.length;
  return {
    loss: values[0]!,
    gradients: new Map(gradients.map((path, i) => [path, Math.sqrt(values[1 + i]!)])),
    dead: new Map(layers.map((path, i) => [path, values[at + i]!])),
  };
}

