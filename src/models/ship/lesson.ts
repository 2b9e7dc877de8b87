import type { Masked, TraceContext } from "../../layers/layer.js";
import type { Variable } from "../../layers/variable.js";
import { reduceLoss } from "../../losses/index.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type Assessment, Objective } from "../../train/objective.js";
import type { ModelTrace } from "../../train/trace.js";
import type { Model } from "../model.js";
import { type SoftLoss, type SoftOptions, softLoss } from "./softLoss.js";

/** A student beside its teacher, as training takes a model. */
export interface Lesson {
  readonly model: Model;
  /** What the teacher said in a trace. */
  answers(trace: TraceContext): readonly Masked[];
}

/**
 * The student, but that each trace calls the teacher too, on the same inputs, whatever augmentation
 * made of them. The teacher's weights become inputs of the program that nothing changes.
 */
export function lessonOf(teacher: Model, student: Model): Lesson {
  const answers = new WeakMap<TraceContext, readonly Masked[]>();
  const call = (trace: TraceContext, inputs: readonly Masked[]): Masked[] => {
    answers.set(trace, teacher.call(judging(trace), inputs));
    return student.call(trace, inputs);
  };
  const model = new Proxy(student, {
    get: (_, key): unknown => {
      if (key === "call") return call;
      // Of the student itself, as its private fields are not the proxy's.
      const value: unknown = Reflect.get(student, key, student);
      return typeof value === "function" ? (value.bind(student) as unknown) : value;
    },
  });
  return { model, answers: (trace) => answers.get(trace)! };
}

/** A trace that predicts within another one: same values, and nothing of training. */
function judging(trace: TraceContext): TraceContext {
  return {
    training: false,
    frozen: true,
    valueOf: (variable) => trace.valueOf(variable),
    key: (layer) => trace.key(layer),
    update: () => {},
    addLoss: () => {},
  };
}

/** The objective of a compiled student and, by the share `alpha`, to answer as the teacher does. */
export class LessonObjective extends Objective {
  readonly #lesson: Lesson;
  readonly #alpha: number;
  readonly #soft: readonly { readonly output: number; readonly weight: number; readonly loss: SoftLoss }[];
  readonly #classifies: boolean;

  constructor(base: Objective, lesson: Lesson, alpha: number, labelled: boolean, options: SoftOptions) {
    const own = base.goals.map((goal) => ({
      ...goal,
      loss: alpha < 1 ? goal.loss : undefined,
      weight: goal.weight * (1 - alpha),
      metrics: labelled ? goal.metrics : [],
    }));
    super(own);
    this.#lesson = lesson;
    this.#alpha = alpha;
    this.#classifies = base.classifies;
    this.#soft = base.goals.flatMap(({ loss, weight }, output) => (loss === undefined ? [] : [{ output, weight, loss: softLoss(loss, options) }]));
  }

  override get classifies(): boolean {
    return this.#classifies;
  }

  override assess(
    trace: ModelTrace,
    variables: readonly Variable[],
    outputs: readonly Masked[],
    labels: readonly (Tensor | undefined)[],
    sampleWeight: Tensor | undefined,
  ): Assessment {
    const answers = this.#lesson.answers(trace);
    for (const { output, weight, loss } of this.#soft) {
      const { value, mask } = outputs[output]!;
      trace.addLoss(reduceLoss(loss, answers[output]!.value, value, sampleWeight, mask).mul(this.#alpha * weight));
    }
    return super.assess(trace, variables, outputs, labels, sampleWeight);
  }
}
