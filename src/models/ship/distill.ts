import type { Dataset } from "../../data/index.js";
import { NacreError, checkOptions, wrongKind } from "../../error.js";
import { badOption } from "../../options.js";
import { formatShape } from "../../tensor/shape.js";
import type { History } from "../../train/callback.js";
import { Stepper } from "../../train/stepper.js";
import { fitModel } from "../fit.js";
import { checkCallbacks, notCompiled } from "../fitChecks.js";
import { type ArraySet, toDataset } from "../fitData.js";
import { Model } from "../model.js";
import { FIT_OPTIONS, type FitOptions } from "../options.js";
import { LessonObjective, lessonOf } from "./lesson.js";
import type { Outputs } from "./softLoss.js";

/** Options of {@link distill}: those of `fit`, and how the teacher is listened to. */
export interface DistillOptions extends FitOptions {
  /** Above 0: how much the distributions over classes are flattened before they are compared. Default 3. */
  readonly temperature?: number;
  /** From 0 to 1: the share of the loss that imitates the teacher; the student's own loss is the rest. With 1, labels are not needed. Default 0.9. */
  readonly alpha?: number;
  /**
   * What the teacher's outputs are, for classes. Default: what the loss takes that it was compiled
   * with; else probabilities where they come out of softmax or sigmoid, and logits otherwise.
   */
  readonly teacherOutputs?: Outputs;
}

const OWN_OPTIONS = ["temperature", "alpha", "teacherOutputs"] as const;

/**
 * Trains a compiled student to answer as a teacher does, which may be imported and does not change:
 * α·T²·KL(softmax(teacher/T) ‖ softmax(student/T)) + (1 − α)·loss, and α·(student − teacher)² +
 * (1 − α)·loss where the student's loss is not one of classes. Everything else is as in `fit`; the
 * reported loss is this sum.
 *
 * @throws BAD_ARGUMENT when an option is out of range, or teacher and student are one model
 * @throws NOT_COMPILED when the student is not compiled
 * @throws SHAPE_MISMATCH when inputs or outputs of the two differ
 * @example
 * const small = sequential([layers.input([8, 8, 1]), layers.flatten(), layers.dense({ units: 10 })]);
 * small.compile({ optimizer: "adam", loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), metrics: ["accuracy"] });
 * const history = await distill(model, small, train, { temperature: 3, alpha: 0.9, epochs: 2, validation: test });
 */
export async function distill(teacher: Model, student: Model, data: Dataset | ArraySet, options: DistillOptions = {}): Promise<History> {
  for (const [role, model] of Object.entries({ teacher, student })) {
    if (!(model instanceof Model)) throw wrongKind(`distill ${role}`, "a model", model, "open files with load or importOnnx first");
  }
  const { temperature = 3, alpha = 0.9, teacherOutputs, ...fitting } = options;
  checkOptions("distill", options, [...FIT_OPTIONS, ...OWN_OPTIONS]);
  if (!(temperature > 0 && temperature < Infinity)) throw badOption("distill", "temperature", "a number above 0", temperature);
  if (!(alpha >= 0 && alpha <= 1)) throw badOption("distill", "alpha", "a number from 0 to 1", alpha);
  if (teacherOutputs !== undefined && teacherOutputs !== "probabilities" && teacherOutputs !== "logits") {
    throw badOption("distill", "teacherOutputs", '"probabilities" or "logits"', teacherOutputs);
  }
  checkCallbacks(fitting.callbacks ?? []);
  const { compiled } = student;
  if (compiled === undefined) throw notCompiled(`${student.where}, distill`);
  checkPair(teacher, student);
  const whole = toDataset("distill", data, student.inputNames);
  const lesson = lessonOf(teacher, student);
  const objective = new LessonObjective(compiled.objective, lesson, alpha, alpha < 1 || whole.labels.length > 0, { temperature, teacherOutputs: teacherOutputs ?? outputsOf(teacher) });
  teacher.initialize();
  const subject = {
    model: lesson.model,
    stepper: new Stepper(lesson.model),
    objective,
    optimizer: compiled.optimizer,
    track: (position: NonNullable<Model["position"]>): void => void (student.position = position),
  };
  return fitModel(student, subject, whole, fitting);
}

/** What a compiled teacher's loss takes its outputs for; undefined where it does not tell. */
function outputsOf({ compiled }: Model): Outputs | undefined {
  const fromLogits = compiled?.objective.goals.find(({ loss }) => loss?.fromLogits !== undefined)?.loss?.fromLogits;
  return fromLogits === undefined ? undefined : fromLogits ? "logits" : "probabilities";
}

/** Refuses a teacher that cannot take the student's place. */
function checkPair(teacher: Model, student: Model): void {
  if (teacher === student) {
    throw new NacreError({ code: "BAD_ARGUMENT", where: "distill", expected: "two models", received: "one model twice", fix: "load it a second time" });
  }
  for (const ports of ["inputs", "outputs"] as const) {
    const [ours, theirs] = [student, teacher].map((model) => model[ports].map(({ shape }) => formatShape(shape.slice(1))).join(" and ")) as [string, string];
    const fits = student[ports].length === teacher[ports].length && student[ports].every(({ shape }, i) => samePort(shape, teacher[ports][i]!.shape));
    if (fits) continue;
    throw new NacreError({
      code: "SHAPE_MISMATCH",
      where: `distill, ${ports} of the teacher`,
      expected: `${ours}, as the student has`,
      received: theirs,
      fix: "put the teacher into a model with further layers, such as layers.permute or layers.reshape, that fit it to the student",
    });
  }
}

/** Whether two shapes may be the same; the first axis counts rows. */
function samePort(a: readonly (number | string)[], b: readonly (number | string)[]): boolean {
  return a.length === b.length && a.every((dim, i) => i === 0 || dim === b[i] || typeof dim === "string" || typeof b[i] === "string");
}
