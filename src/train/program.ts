import { gradients } from "../autodiff/gradients.js";
import { NacreError } from "../error.js";
import { type CompiledGraph, type Compiler, type RunOptions, getCompiler } from "../graph/compiler.js";
import { graphOf, nodesOf, placeholder } from "../graph/graph.js";
import { withScope } from "../graph/node.js";
import { withInputs } from "../graph/rewrite.js";
import type { Variable } from "../layers/variable.js";
import { cast } from "../ops/elementwise/cast.js";
import { concat } from "../ops/shape/concat.js";
import { onesLike } from "../ops/shape/fill.js";
import { reshape } from "../ops/shape/reshape.js";
import { applyOptimizer, type TrainedVariable } from "../optimizers/index.js";
import type { Metric } from "../metrics/index.js";
import { sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { StepData } from "./feeds.js";
import type { Assessment, Objective } from "./objective.js";
import { type OptimizerState, scalarName } from "./optimizerState.js";
import { ModelTrace } from "./trace.js";
import type { Trainable } from "./trainable.js";
import { join, part, type Unit, unitsOf } from "./units.js";

/** What graphs call loss and metrics, and the optimizer's update, where layers have their names. */
const LOSS_SCOPE = "loss";
export const OPTIMIZER_SCOPE = "optimizer";

/** Where a number lies in the one vector in which a program reports loss and statistics. */
export interface ReportField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** How to read a program's report. */
export interface ReportLayout {
  readonly losses: readonly ReportField[];
  readonly metrics: readonly { readonly key: string; readonly metric: Metric; readonly stats: readonly ReportField[] }[];
}

/** A compiled step, with the order of its inputs and outputs. */
export interface StepProgram {
  readonly compiled: CompiledGraph;
  /** Inputs: these variables, then what the units hold, scalars, key, columns. */
  readonly variables: readonly Variable[];
  /** Trained variables; the slots of one alone, or the joint weights and slots of several, are inputs and outputs. */
  readonly units: readonly Unit[];
  readonly scalars: readonly string[];
  /** Whether a random key is an input. */
  readonly random: boolean;
  /** Outputs: new values of these variables, then of what the units hold, then the report, or the model's outputs. */
  readonly updated: readonly Variable[];
  /** How it is run: a training step writes new values over old ones, if the loss is finite. */
  readonly options: RunOptions;
  readonly report: ReportLayout;
}

interface Columns {
  readonly inputs: readonly Tensor[];
  readonly labels: readonly (Tensor | undefined)[];
  readonly sampleWeight: Tensor | undefined;
  readonly all: readonly Tensor[];
}

/** One training step: forward, backward, clipping and update, as one program. */
export async function compileTrainStep(
  model: Trainable,
  objective: Objective,
  state: OptimizerState,
  data: StepData,
  compiler: Pick<Compiler, "compile"> = getCompiler(),
): Promise<StepProgram> {
  const key = placeholder([2], "uint32", "key");
  const trace = new ModelTrace({ training: true, key, layerPaths: model.layerPaths });
  const columns = placeholders(data);
  const predictions = model.call(trace, columns.inputs.map((value) => ({ value })));
  const trainable = model.trainableVariables;
  const assessment = withScope(LOSS_SCOPE, () =>
    objective.assess(trace, trainable, predictions, columns.labels, columns.sampleWeight),
  );
  const used = trainable.filter((variable) => trace.values.has(variable));
  const { lossScaleFactor } = state.optimizer.options;
  const ones = onesLike(assessment.loss);
  const scale = lossScaleFactor === null ? ones : ones.mul(lossScaleFactor);
  const found = gradients([assessment.loss], [scale], used.map((v) => trace.valueOf(v)));
  const trained = used.filter((_, i) => found[i] !== null);
  if (trained.length === 0) throw nothingToTrain(model);
  const grads = new Map(used.map((variable, i) => [variable, found[i]!]));
  const units = unitsOf(state.optimizer, trained, (variable) => state.groupOf(variable));
  const scalarInputs = Object.fromEntries(
    Object.keys(state.scalars()).map((name) => [name, placeholder([], "float32", name)]),
  );
  const held = units.map((unit) => heldInputs(unit, state));
  const results = withScope(OPTIMIZER_SCOPE, () =>
    applyOptimizer(
      state.optimizer,
      units.map((unit, i) => ({
        path: unit[0]!.path,
        weight: weightOf(unit, trace, held[i]!),
        grad: join(unit.map((variable) => grads.get(variable)!)),
        slots: held[i]!.slots,
        constraint: unit[0]!.constraint,
        ...ofGroup(state, unit[0]!, scalarInputs),
      })),
      scalarInputs,
    ),
  );
  const otherUpdates = [...trace.updates].filter(([variable]) => !trained.includes(variable));
  const { report, layout } = reportOf(assessment);
  const alone = units.flatMap((unit, i) => (unit.length === 1 ? [[unit[0]!, results[i]!.weight] as const] : []));
  const kept = results.flatMap(({ weight, slots }, i) => [
    ...(held[i]!.joint === undefined ? [] : [weight]),
    ...Object.keys(held[i]!.slots).map((name) => slots[name]!),
  ]);
  const updates = [...alone, ...otherUpdates];
  const outputs = [...updates.map(([, value]) => value), ...kept, report];
  const read = new Set(nodesOf(outputs).flatMap((node) => node.inputs));
  const scalars = Object.keys(scalarInputs).filter((name) => read.has(scalarInputs[name]!));
  const parts = new Map(units.flatMap((unit, i) => held[i]!.parts.map((value, at) => [unit[at]!, value] as const)));
  const variables = [...trace.values.keys()].filter((variable) => !parts.has(variable));
  const inputs = [
    ...variables.map((variable) => trace.valueOf(variable)),
    ...held.flatMap(({ joint, slots }) => [...(joint === undefined ? [] : [joint]), ...Object.values(slots)]),
    ...scalars.map((name) => scalarInputs[name]!),
    ...(read.has(key) ? [key] : []),
    ...columns.all,
  ];
  const apart = new Map([...parts].map(([variable, value]) => [trace.valueOf(variable), value]));
  return {
    compiled: await compiler.compile(withInputs(graphOf(inputs, outputs), inputs, apart), columns.all),
    variables,
    units,
    scalars,
    random: read.has(key),
    updated: updates.map(([variable]) => variable),
    options: {
      renews: [
        ...updates.map(([variable], output) => ({ feed: variables.indexOf(variable), output })),
        ...kept.map((_, i) => ({ feed: variables.length + i, output: updates.length + i })),
      ].filter(({ feed }) => feed >= 0),
      guard: outputs.length - 1,
    },
    report: layout,
  };
}

/** What a program takes for a unit beside the weight of a variable that stands alone. */
interface HeldInputs {
  /** The weights of several variables. @shape [N] */
  readonly joint: Tensor | undefined;
  /** Each of these weights. */
  readonly parts: readonly Tensor[];
  readonly slots: Readonly<Record<string, Tensor>>;
}

function heldInputs(unit: Unit, state: OptimizerState): HeldInputs {
  const size = unit.reduce((sum, variable) => sum + variable.size, 0);
  const joint = unit.length === 1 ? undefined : placeholder([size], "float32", "weights");
  const slots = state.slotsOf(unit[0]!).map(({ name, shape }) => [name, placeholder(joint?.shape ?? shape, "float32", name)] as const);
  return { joint, parts: joint === undefined ? [] : part(joint, unit), slots: Object.fromEntries(slots) };
}

/** The weight of a unit before the optimizer's update. */
function weightOf(unit: Unit, trace: ModelTrace, { joint }: HeldInputs): Tensor {
  // What a layer gave a variable in this step comes first.
  if (joint !== undefined && !unit.some((variable) => trace.updates.has(variable))) return joint;
  return join(unit.map((variable) => trace.updates.get(variable) ?? trace.valueOf(variable)));
}

/** What is otherwise for the weights of a group. */
function ofGroup(state: OptimizerState, variable: Variable, scalars: Readonly<Record<string, Tensor>>): Partial<TrainedVariable> {
  const place = state.groupOf(variable);
  const group = state.groups[place];
  // Asked for the variable itself: a joint weight has another shape.
  const weightDecay = state.optimizer.weightDecayOf(variable);
  if (group === undefined) return { weightDecay };
  const names = Object.keys(state.optimizer.scalars(0));
  return {
    scalars: Object.fromEntries(names.map((name) => [name, scalars[scalarName(name, place)]!])),
    weightDecay: group.weightDecay === undefined ? weightDecay : group.weightDecay,
  };
}

/** Loss and statistics of one batch; nothing but the states of stateful layers is changed. */
export async function compileTestStep(model: Trainable, objective: Objective, data: StepData): Promise<StepProgram> {
  const trace = new ModelTrace({ training: false });
  const columns = placeholders(data);
  const outputs = model.call(trace, columns.inputs.map((value) => ({ value })));
  const assessment = objective.assess(trace, model.trainableVariables, outputs, columns.labels, columns.sampleWeight);
  const { report, layout } = reportOf(assessment);
  const variables = [...trace.values.keys()];
  const inputs = [...variables.map((variable) => trace.valueOf(variable)), ...columns.all];
  return {
    compiled: await getCompiler().compile(graphOf(inputs, [...trace.updates.values(), report]), columns.all),
    variables,
    units: [],
    scalars: [],
    random: false,
    updated: [...trace.updates.keys()],
    options: {},
    report: layout,
  };
}

/** The model's outputs for one batch, after the new states of stateful layers. */
export async function compilePredictStep(model: Trainable, data: StepData): Promise<StepProgram> {
  const trace = new ModelTrace({ training: false });
  const columns = placeholders(data);
  const outputs = model.call(trace, columns.inputs.map((value) => ({ value })));
  const variables = [...trace.values.keys()];
  const inputs = [...variables.map((variable) => trace.valueOf(variable)), ...columns.inputs];
  return {
    compiled: await getCompiler().compile(graphOf(inputs, [...trace.updates.values(), ...outputs.map(({ value }) => value)])),
    variables,
    units: [],
    scalars: [],
    random: false,
    updated: [...trace.updates.keys()],
    options: {},
    report: { losses: [], metrics: [] },
  };
}

/** All columns of a batch that a program takes, in order. */
export function columnsOf(data: StepData): readonly { readonly data: StepData["inputs"][number]["data"] }[] {
  const labels = data.labels.filter((label) => label !== undefined);
  return [...data.inputs, ...labels, ...(data.sampleWeight === undefined ? [] : [data.sampleWeight])];
}

/** Stand-ins for a batch's columns. */
export function placeholders(data: StepData): Columns {
  const inputs = data.inputs.map(({ shape, dtype }, i) => placeholder(shape, dtype, `input ${i}`));
  const labels = data.labels.map((label, i) => label && placeholder(label.shape, label.dtype, `label ${i}`));
  const sampleWeight = data.sampleWeight && placeholder(data.sampleWeight.shape, "float32", "sample weight");
  const all = [...inputs, ...labels.filter((label) => label !== undefined), ...(sampleWeight ? [sampleWeight] : [])];
  return { inputs, labels, sampleWeight, all };
}

/** Everything that the host wants to know of a step, as one float32 vector: one fetch instead of many. */
function reportOf(assessment: Assessment): { report: Tensor; layout: ReportLayout } {
  const parts: Tensor[] = [];
  let offset = 0;
  const field = (name: string, value: Tensor): ReportField => {
    const size = sizeOf(value.shape, "report");
    parts.push(reshape(cast(value, "float32"), [size]));
    offset += size;
    return { name, offset: offset - size, size };
  };
  const losses = [field("loss", assessment.loss), ...assessment.outputLosses.map(({ key, loss }) => field(key, loss))];
  const metrics = assessment.metrics.map(({ key, metric, stats }) => ({
    key,
    metric,
    stats: Object.entries(stats).map(([name, value]) => field(name, value)),
  }));
  return { report: concat(parts, 0), layout: { losses, metrics } };
}

function nothingToTrain(model: Trainable): NacreError {
  return new NacreError({
    code: "NO_GRADIENT",
    where: model.where,
    expected: "at least one trainable weight that the loss depends on",
    received: "none",
    fix: "set trainable = true on a layer, and check that the loss uses its output",
  });
}
