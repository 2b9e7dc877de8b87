import type { Layer, Masked, TraceContext } from "../../layers/layer.js";
import type { LayerCall, SymbolicTensor } from "../../layers/symbolic.js";
import type { Variable } from "../../layers/variable.js";
import { reduceLoss } from "../../losses/index.js";
import type { Key } from "../../random/host.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type Assessment, Objective } from "../../train/objective.js";
import type { ModelTrace } from "../../train/trace.js";
import type { Trainable } from "../../train/trainable.js";
import type { Model } from "../model.js";
import { type SoftLoss, type SoftOptions, softLoss } from "./softLoss.js";

/**
 * A student beside its teacher, as training takes a model: each trace calls both on the same inputs,
 * whatever augmentation made of them. The teacher's weights are inputs of the program that nothing
 * changes.
 */
export class Lesson implements Trainable {
  readonly #student: Model;
  readonly #teacher: Model;
  readonly #answers = new WeakMap<TraceContext, readonly Masked[]>();

  constructor(teacher: Model, student: Model) {
    [this.#teacher, this.#student] = [teacher, student];
  }

  /** What the teacher said in a trace. */
  answers(trace: TraceContext): readonly Masked[] {
    return this.#answers.get(trace)!;
  }

  call(trace: TraceContext, inputs: readonly Masked[]): Masked[] {
    this.#answers.set(trace, this.#teacher.call(judging(trace), inputs));
    return this.#student.call(trace, inputs);
  }

  initialize(seed?: number): Key {
    this.#teacher.initialize();
    return this.#student.initialize(seed);
  }

  get where(): string {
    return this.#student.where;
  }

  get inputs(): readonly SymbolicTensor[] {
    return this.#student.inputs;
  }

  get outputs(): readonly SymbolicTensor[] {
    return this.#student.outputs;
  }

  get inputNames(): readonly string[] {
    return this.#student.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#student.outputNames;
  }

  get calls(): readonly LayerCall[] {
    return this.#student.calls;
  }

  get layerPaths(): ReadonlyMap<Layer, string> {
    return this.#student.layerPaths;
  }

  get variables(): readonly Variable[] {
    return this.#student.variables;
  }

  get trainableVariables(): readonly Variable[] {
    return this.#student.trainableVariables;
  }

  pathOf(variable: Variable): string {
    return this.#student.pathOf(variable);
  }

  save(path: string): Promise<void> {
    return this.#student.save(path);
  }
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
