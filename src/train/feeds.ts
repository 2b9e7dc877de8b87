import { NacreError } from "../error.js";
import { type Batch, type Column, placeOf } from "../data/column.js";
import { type DType, arrayOf, holds } from "../tensor/dtype.js";
import { formatShape, type Shape } from "../tensor/shape.js";
import { checkIds, idLimits } from "./ids.js";
import { checkClassWeight, checkLabels, checkWeights, classOfRows } from "./labels.js";
import type { Objective } from "./objective.js";
import type { Trainable } from "./trainable.js";

/** Which columns of a dataset play which part. */
export interface Roles {
  readonly inputs: readonly string[];
  readonly labels: readonly string[];
  readonly sampleWeight?: string | undefined;
}

/** One batch in the order in which a model's programs take it. */
export interface StepData {
  readonly rows: number;
  readonly inputs: readonly Column[];
  /** By output; undefined where an output has no label. */
  readonly labels: readonly (Column | undefined)[];
  readonly sampleWeight: Column | undefined;
  /** What messages call row `at`. */
  readonly place: (at: number) => string;
}

/** Matches columns to a model's inputs and outputs, by name, or by position where there is only one. */
export class Feeder {
  readonly #model: Trainable;
  readonly #objective: Objective | undefined;
  readonly #inputColumns: readonly string[];
  /** What messages call each input. */
  readonly #inputPlaces: readonly string[];
  readonly #labelColumns: readonly (string | undefined)[];
  readonly #sampleWeight: string | undefined;
  readonly #classWeight: Readonly<Record<number, number>> | undefined;
  readonly #idLimits: ReturnType<typeof idLimits>;

  constructor(model: Trainable, roles: Roles, objective?: Objective, classWeight?: Readonly<Record<number, number>>) {
    this.#model = model;
    this.#objective = objective;
    this.#inputPlaces = model.inputNames.map((name) => `input "${name}" of ${model.where}`);
    this.#inputColumns = matched(model, "input", model.inputNames, roles.inputs);
    const judged = objective?.judged ?? [];
    const labels = matched(model, "label", judged, roles.labels);
    this.#labelColumns = model.outputNames.map((name) => labels[judged.indexOf(name)]);
    this.#sampleWeight = roles.sampleWeight;
    this.#classWeight = classWeight;
    if (classWeight !== undefined) {
      const at = this.#labelColumns.findIndex((name) => name !== undefined);
      checkClassWeight(classWeight, objective?.goals[at]?.loss, model.outputs[at]?.shape ?? []);
    }
    this.#idLimits = idLimits(model.calls, model.inputs);
  }

  /** Checks a batch and puts it in order. */
  step(batch: Batch): StepData {
    const place = (at: number): string => placeOf(batch, at);
    const inputs = this.#inputColumns.map((name, i) => this.#input(name, batch[name]!, i, place));
    const rows = inputs[0]!.shape[0]!;
    const labels = this.#labelColumns.map((name) => (name === undefined ? undefined : batch[name]));
    labels.forEach((label, i) => {
      const loss = this.#objective?.goals[i]?.loss;
      if (label !== undefined && loss !== undefined) {
        checkLabels(label, loss, this.#model.outputs[i]!.shape, this.#labelColumns[i]!, place);
      }
    });
    return { rows, inputs, labels, sampleWeight: this.#weights(batch, labels, rows, place), place };
  }

  #input(name: string, column: Column, position: number, place: StepData["place"]): Column {
    const want = this.#model.inputs[position]!;
    const where = this.#inputPlaces[position]!;
    const fits =
      column.shape.length === want.shape.length &&
      want.shape.every((dim, i) => typeof dim === "string" || dim === column.shape[i]);
    if (!fits) {
      throw new NacreError({
        code: "SHAPE_MISMATCH",
        where,
        expected: `shape ${formatShape(want.shape)}`,
        received: `${formatShape(column.shape)} in column "${name}"`,
        fix: sameSample(column.shape, want.shape)
          ? `give batchSize: ${want.shape[0]} and a multiple of as many rows; dataset.batch(${want.shape[0]}, { dropRemainder: true }) leaves a short last batch out of training`
          : "reshape the data, or give layers.input the shape of one sample, without the batch axis",
      });
    }
    const limit = this.#idLimits.get(want);
    if (limit !== undefined) checkIds(column, limit, where, place);
    return converted(column, want.dtype, where, place);
  }

  /** Sample weights times class weights; undefined where all rows weigh the same. */
  #weights(batch: Batch, labels: readonly (Column | undefined)[], rows: number, place: StepData["place"]): Column | undefined {
    const column = this.#sampleWeight;
    const given = column === undefined ? undefined : converted(batch[column]!, "float32", "sample weight", place);
    if (given !== undefined) checkWeights(given, place);
    if (this.#classWeight === undefined) return given;
    const at = labels.findIndex((label) => label !== undefined);
    const classes = classOfRows(labels[at], this.#objective?.goals[at]?.loss, rows);
    if (given !== undefined && given.data.length !== rows) throw notPerRow(given);
    const data = Float32Array.from(classes, (id, i) => (this.#classWeight![id] ?? 1) * Number(given?.data[i] ?? 1));
    return { dtype: "float32", shape: [rows], data };
  }
}

/** Whether a batch only has another number of rows than the model was built for. */
function sameSample(shape: Shape, want: Shape): boolean {
  return typeof want[0] === "number" && shape.length === want.length && shape.every((dim, i) => i === 0 || typeof want[i] === "string" || dim === want[i]);
}

/** The error for data without rows. */
export function noRows(where: string): NacreError {
  return new NacreError({
    code: "BAD_DATA",
    where,
    expected: "at least one row",
    received: "an empty dataset",
    fix: "check filters and splits; dataset.length tells how many rows are left",
  });
}

/** A column in another dtype, where that changes no value beyond rounding. */
function converted(column: Column, dtype: DType, where: string, place: StepData["place"]): Column {
  if (column.dtype === dtype) return column;
  const { data, shape } = column;
  for (let i = 0; i < data.length; i++) {
    if (holds(dtype, data[i]!)) continue;
    throw new NacreError({
      code: "BAD_DATA",
      where: `${where}, ${place(Math.floor(i / (data.length / shape[0]!)))}`,
      expected: `values of ${dtype}`,
      received: String(data[i]),
      fix: `round or clean the data first, or give the input another dtype`,
    });
  }
  return { dtype, shape, data: arrayOf(dtype, data) };
}

/** The column for each port: of the same name, else the only one there is. */
function matched(model: Trainable, kind: string, ports: readonly string[], columns: readonly string[]): string[] {
  return ports.map((port) => {
    if (columns.includes(port)) return port;
    if (ports.length === 1 && columns.length === 1) return columns[0]!;
    throw new NacreError({
      code: "BAD_DATA",
      where: `${kind} "${port}" of ${model.where}`,
      expected: `a column of this name among the data's ${kind}s`,
      received: columns.length === 0 ? "none" : columns.join(", "),
      fix:
        columns.length === 0 && kind === "label"
          ? "give the data a label column, or y beside x"
          : `name the columns as the model's ${kind === "input" ? "inputs" : "outputs"}: ${ports.join(", ")}`,
    });
  });
}

function notPerRow(weights: Column): NacreError {
  return new NacreError({
    code: "BAD_DATA",
    where: "fit classWeight",
    expected: "sample weights of one number per row beside it",
    received: formatShape(weights.shape),
    fix: "multiply the class weights into the sample weights yourself",
  });
}
