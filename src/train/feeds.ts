import { NacreError } from "../error.js";
import type { Batch, Column } from "../data/column.js";
import type { DType } from "../tensor/dtype.js";
import { arrayOf } from "../tensor/dtype.js";
import { formatShape } from "../tensor/shape.js";
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
}

/** Matches columns to a model's inputs and outputs, by name, or by position where there is only one. */
export class Feeder {
  readonly #model: Trainable;
  readonly #objective: Objective | undefined;
  readonly #inputColumns: readonly string[];
  readonly #labelColumns: readonly (string | undefined)[];
  readonly #sampleWeight: string | undefined;
  readonly #classWeight: Readonly<Record<number, number>> | undefined;

  constructor(model: Trainable, roles: Roles, objective?: Objective, classWeight?: Readonly<Record<number, number>>) {
    this.#model = model;
    this.#objective = objective;
    this.#inputColumns = matched(model, "input", model.inputNames, roles.inputs);
    this.#labelColumns =
      objective === undefined ? model.outputNames.map(() => undefined) : matched(model, "label", model.outputNames, roles.labels);
    this.#sampleWeight = roles.sampleWeight;
    this.#classWeight = classWeight;
  }

  /** Checks a batch and puts it in order; `firstRow` is the number of its first row, for messages. */
  step(batch: Batch): StepData {
    const inputs = this.#inputColumns.map((name, i) => this.#input(name, batch[name]!, i));
    const rows = inputs[0]!.shape[0]!;
    const labels = this.#labelColumns.map((name) => (name === undefined ? undefined : batch[name]));
    this.#objective?.goals.forEach((goal, i) => {
      const classes = this.#model.outputs[i]!.shape.at(-1);
      const label = labels[i];
      if (label !== undefined && goal.loss?.className === "SparseCategoricalCrossentropy" && typeof classes === "number") {
        checkLabels(label, classes, this.#labelColumns[i]!, goal.loss.config["ignoreClass"]);
      }
    });
    return { rows, inputs, labels, sampleWeight: this.#weights(batch, labels[0], rows) };
  }

  #input(name: string, column: Column, position: number): Column {
    const want = this.#model.inputs[position]!;
    const fits =
      column.shape.length === want.shape.length &&
      want.shape.every((dim, i) => typeof dim === "string" || dim === column.shape[i]);
    if (!fits) {
      throw new NacreError({
        code: "SHAPE_MISMATCH",
        where: `input "${this.#model.inputNames[position]}" of ${this.#model.where}`,
        expected: `shape ${formatShape(want.shape)}`,
        received: `${formatShape(column.shape)} in column "${name}"`,
        fix: "reshape the data, or give layers.input the shape of one sample",
      });
    }
    return converted(column, want.dtype);
  }

  /** Sample weights times class weights; undefined where all rows weigh the same. */
  #weights(batch: Batch, label: Column | undefined, rows: number): Column | undefined {
    const given = this.#sampleWeight === undefined ? undefined : converted(batch[this.#sampleWeight]!, "float32");
    if (this.#classWeight === undefined) return given;
    if (label === undefined || label.data.length % rows !== 0) throw noClasses(label?.shape ?? []);
    const data = new Float32Array(rows);
    const width = label.data.length / rows;
    for (let i = 0; i < rows; i++) {
      const label0 = width === 1 ? Number(label.data[i]) : argMaxOf(label.data, i * width, width);
      data[i] = (this.#classWeight[label0] ?? 1) * Number(given?.data[i] ?? 1);
    }
    return { dtype: "float32", shape: [rows], data };
  }
}

function argMaxOf(data: Column["data"], offset: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (data[offset + i]! > data[offset + best]!) best = i;
  return best;
}

function converted(column: Column, dtype: DType): Column {
  return column.dtype === dtype ? column : { dtype, shape: column.shape, data: arrayOf(dtype, column.data) };
}

/** The column for each port: of the same name, else the only one there is. */
function matched(model: Trainable, kind: string, ports: readonly string[], columns: readonly string[]): string[] {
  return ports.map((port, i) => {
    if (columns.includes(port)) return port;
    if (ports.length === columns.length && !columns.some((name) => ports.includes(name))) return columns[i]!;
    throw new NacreError({
      code: "BAD_DATA",
      where: `${kind} "${port}" of ${model.where}`,
      expected: `a column of this name among the data's ${kind}s`,
      received: columns.length === 0 ? "none" : columns.join(", "),
      fix: `name the columns as the model's ${kind === "input" ? "inputs" : "outputs"}: ${ports.join(", ")}`,
    });
  });
}

function checkLabels(label: Column, classes: number, name: string, ignored: unknown): void {
  for (let i = 0; i < label.data.length; i++) {
    const value = Number(label.data[i]);
    if ((value >= 0 && value < classes && Number.isInteger(value)) || value === ignored) continue;
    throw new NacreError({
      code: "LABEL_RANGE",
      where: `label "${name}", row ${i} of the batch`,
      expected: `a whole number from 0 to ${classes - 1}, for ${classes} outputs`,
      received: String(value),
      fix: "number the classes from 0, and give the last layer one unit for each",
    });
  }
}

function noClasses(shape: readonly number[]): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "fit classWeight",
    expected: "class labels, one per row",
    received: `labels of shape ${formatShape(shape)}`,
    fix: "use sample weights instead",
  });
}
