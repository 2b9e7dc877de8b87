import { checkOptions } from "../error.js";
import type { Dataset } from "../data/index.js";
import * as optimizers from "../optimizers/index.js";
import { requireOptions } from "../options.js";
import type { Tensor } from "../tensor/tensor.js";
import type { History } from "../train/callback.js";
import { setTrainable } from "../train/freeze.js";
import { groupsOf } from "../train/groups.js";
import { Objective, type ObjectiveOptions } from "../train/objective.js";
import { OptimizerState } from "../train/optimizerState.js";
import type { PathPattern } from "../train/pattern.js";
import type { TrainPosition } from "../train/position.js";
import type { Profile } from "../train/profileReport.js";
import { Stepper } from "../train/stepper.js";
import type { FitSubject } from "../train/subject.js";
import type { Trainable } from "../train/trainable.js";
import type { ExportOptions, OnnxOptions } from "./export/options.js";
import { Described } from "./described.js";
import { alreadyTraining, checkCallbacks, notCompiled } from "./fitChecks.js";
import { type ArraySet, toDataset } from "./fitData.js";
import { outputsAt, replaceHead, type ReplaceHeadOptions } from "./head.js";
import { addLora, type LoraOptions, mergeLora } from "./lora.js";
import { type CompileOptions, FIT_OPTIONS, type FitOptions, type MetricKeys, type MetricsOption, type PredictData, type Results } from "./options.js";
import type { ProfileOptions } from "./profile.js";
import type { BytesOptions } from "./save.js";
import type { LoadWeightsOptions, WeightsReport } from "./weights.js";

/**
 * A network of layers between inputs and outputs, with all that trains, judges, saves and exports it.
 *
 * @throws BAD_ARGUMENT when outputs depend on an input that is not listed, or two layers share a name
 * @example
 * const x = layers.input([4]);
 * const model = new Model({ inputs: x, outputs: layers.dense({ units: 1 })(x) });
 */
export class Model<K extends string = string> extends Described implements Trainable {
  /** The settings of `compile`; undefined before. */
  compiled: { readonly objective: Objective; readonly optimizer: OptimizerState } | undefined;
  /** Where training stands; a saved model holds it. */
  position: (() => TrainPosition) | undefined;
  readonly #stepper = new Stepper(this);
  #busy: string | undefined;

  /**
   * Sets what `fit` trains with; returns the model itself, typed by its metrics.
   *
   * @throws UNKNOWN_NAME when no optimizer, loss or metric has a given name, or a group means no weight
   * @example
   * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: ["meanAbsoluteError"] });
   * @example
   * const net = sequential([layers.input([4]), layers.dense({ units: 8, name: "body" }), layers.dense({ units: 1 })]);
   * net.compile({ optimizer: "adamw", loss: "mse", groups: [{ match: "body/**", learningRateMultiplier: 0.1, weightDecay: null }] });
   */
  compile<const M extends MetricsOption = [], const W extends MetricsOption = []>(options: CompileOptions<M, W>): Model<MetricKeys<M, W>> {
    checkOptions("compile", options, ["optimizer", "loss", "lossWeights", "metrics", "weightedMetrics", "groups"]);
    requireOptions("compile", options, ["optimizer", "loss"]);
    const objective = Objective.of(this.outputNames, options as ObjectiveOptions);
    const groups = groupsOf(this, options.groups ?? []);
    this.compiled = { objective, optimizer: new OptimizerState(optimizers.get(options.optimizer), groups) };
    this.position = undefined;
    return this as unknown as Model<MetricKeys<M, W>>;
  }

  /**
   * Trains on a dataset or arrays, epoch by epoch.
   *
   * @throws NOT_COMPILED before `compile`
   * @throws SHAPE_MISMATCH, LABEL_RANGE, BAD_DATA when the data do not fit the model
   * @throws NON_FINITE when the loss is no number, naming the layer where that began
   * @throws ABORTED when the signal was aborted; `save` then keeps where training stands
   * @example
   * const history = await model.fit(train, { epochs: 10, batchSize: 32, validation: 0.1, seed: 1 });
   * console.log(history.logs.val_accuracy);
   */
  async fit(data: Dataset | ArraySet, options: FitOptions = {}): Promise<History> {
    const whole = toDataset("fit", data, this.inputNames);
    checkOptions("fit", options, FIT_OPTIONS);
    checkCallbacks(options.callbacks ?? []);
    const subject = this.#subject("fit");
    return this.#exclusively("fit", async () => {
      const { fitModel } = await import("./fit.js");
      return fitModel(this, subject, whole, options);
    });
  }

  /**
   * Loss and metrics over a dataset or arrays.
   *
   * @throws NOT_COMPILED before `compile`
   * @throws NON_FINITE when the data hold NaN or infinity and the loss is no number for it
   * @example
   * const { loss, accuracy } = await model.evaluate(test);
   */
  async evaluate(data: Dataset | ArraySet, options: { readonly batchSize?: number } = {}): Promise<Results<K>> {
    checkOptions("evaluate", options, ["batchSize"]);
    const subject = this.#subject("evaluate");
    this.initialize();
    const whole = toDataset("evaluate", data, this.inputNames);
    const { runEvaluate } = await import("../train/evaluate.js");
    const logs = await runEvaluate(subject, whole, { batchSize: options.batchSize ?? this.batchSize ?? 256 });
    return logs as Results<K>;
  }

  /**
   * Measures training steps, which change nothing: where their time goes by phase, op and layer.
   *
   * @throws NOT_COMPILED before `compile`
   * @throws UNSUPPORTED in browsers
   * @example
   * const profile = await model.profile(train, { steps: 20, trace: "out/trace.json" });
   * console.log(`${profile}`);
   */
  async profile(data: Dataset | ArraySet, options: ProfileOptions = {}): Promise<Profile> {
    const { profileModel } = await import("./profile.js");
    return profileModel(this.#subject("profile"), data, options);
  }

  /**
   * The outputs for tensors, typed arrays, nested arrays, a dataset, or an object of them by input
   * name. A model with one output gives one tensor. NaN among the data is passed through the layers.
   *
   * @throws SHAPE_MISMATCH when the data do not fit the inputs
   * @example
   * const probabilities = await model.predict(test);
   * console.log(await probabilities.toArray());
   */
  async predict(data: PredictData, options: { readonly batchSize?: number } = {}): Promise<Tensor> {
    return (await this.predictAll(data, options))[0]!;
  }

  /** Like {@link predict}, with a tensor for each output. */
  async predictAll(data: PredictData, options: { readonly batchSize?: number } = {}): Promise<Tensor[]> {
    checkOptions("predict", options, ["batchSize"]);
    // Asking for a loaded module again takes longer than a small prediction.
    predicting ??= await import("./predict.js");
    return predicting.runPredict(this, this.#stepper, data, options.batchSize ?? this.batchSize ?? 256);
  }

  /**
   * Keeps training from changing the layers that a pattern means, and all inside them, and the single
   * weights that it means, until {@link unfreeze}; gives their paths. Weights of an imported graph are
   * also known by their names in the file. What an optimizer remembers of weights stays.
   *
   * @throws UNKNOWN_NAME when the pattern means neither layers nor weights
   * @example
   * const body = sequential([layers.input([4]), layers.dense({ units: 8 }), layers.dense({ units: 8 })], { name: "body" });
   * const net = sequential([layers.input([4]), body, layers.dense({ units: 3 })]);
   * console.log(net.freeze("body/*")); // ["body/dense", "body/dense_1"]
   */
  freeze(pattern: PathPattern): string[] {
    return setTrainable(`${this.where}.freeze`, this, pattern, false);
  }

  /**
   * Lets training change the layers that a pattern means, and all inside them, and the single weights
   * that it means; gives their paths. Running statistics stay what they are.
   *
   * @throws UNKNOWN_NAME when the pattern means neither layers nor weights
   * @example
   * const net = sequential([layers.input([4]), layers.dense({ units: 8, name: "body" }), layers.dense({ units: 3 })]);
   * net.freeze("**");
   * console.log(net.unfreeze(/^dense/)); // ["dense"]
   */
  unfreeze(pattern: PathPattern): string[] {
    return setTrainable(`${this.where}.unfreeze`, this, pattern, true);
  }

  /**
   * A model of the same layers and weights whose outputs are values inside this one: what layers give,
   * `"body/conv2d"` for one inside a model, and in an imported graph whatever has a name in the file.
   * Of a layer that gives several, or is used several times, `"lstm:0"`, `"lstm:1"`, ….
   *
   * @throws UNKNOWN_NAME when there is no such value
   * @example
   * const net = sequential([layers.input([4]), layers.dense({ units: 8, name: "features" }), layers.dense({ units: 3 })]);
   * console.log((await net.outputsAt("features").predict([[1, 2, 3, 4]])).shape); // [1, 8]
   */
  outputsAt(names: string | readonly string[]): Model {
    return new Model(outputsAt(this, names));
  }

  /**
   * A model that shares layers and weights with this one up to a value, and goes on with new layers,
   * for instance for other classes. The value may be any that {@link outputsAt} can name.
   *
   * @throws UNKNOWN_NAME when there is no such value
   * @throws SHAPE_MISMATCH when the first layer does not fit it
   * @example
   * const digits = sequential([layers.input([64]), layers.dense({ units: 32, activation: "relu" }), layers.dense({ units: 10 })]);
   * const letters = digits.replaceHead({ head: layers.dense({ units: 26 }) });
   * letters.freeze("dense");
   */
  replaceHead(options: ReplaceHeadOptions): Model {
    return new Model(replaceHead(this, options));
  }

  /**
   * Puts matrices of low rank beside those that a pattern means, W + alpha / rank · A · B, and lets
   * training change them alone: A is drawn at first, B zero. They are kernels of dense, einsumDense,
   * attention and embedding layers, and matrices of products in imported graphs. Gives their paths.
   * What else is to be trained, as a new head, {@link unfreeze} frees.
   *
   * @throws UNKNOWN_NAME when the pattern means no matrix
   * @throws BAD_ARGUMENT when one is adapted already
   * @example
   * const net = sequential([layers.input([16]), layers.dense({ units: 16, name: "body" }), layers.dense({ units: 3 })]);
   * console.log(net.addLora("body", { rank: 2 })); // ["body/kernel"]
   */
  addLora(pattern: PathPattern, options: LoraOptions): string[] {
    return addLora(this, pattern, options);
  }

  /**
   * Adds what the matrices of {@link addLora} have learned to the weights, and takes them away; what
   * the model predicts stays the same. Gives the paths of the weights, which stay frozen until {@link unfreeze}.
   *
   * @throws BAD_ARGUMENT when there are none, or the model is being trained
   * @example
   * const net = sequential([layers.input([16]), layers.dense({ units: 16, name: "body" }), layers.dense({ units: 3 })]);
   * net.addLora("body", { rank: 2 });
   * console.log(await net.mergeLora()); // ["body/kernel"]
   */
  async mergeLora(): Promise<string[]> {
    return this.#exclusively("mergeLora", () => mergeLora(this));
  }

  /** One update on one batch; returns its loss and metrics. Where `fit` stands does not change. */
  async trainOnBatch(data: ArraySet): Promise<Results<K>> {
    const subject = this.#subject("trainOnBatch");
    return this.#exclusively("trainOnBatch", async () => {
      this.initialize();
      const whole = toDataset("trainOnBatch", data, this.inputNames);
      const { runBatch } = await import("../train/evaluate.js");
      return (await runBatch(subject, whole, this.seed!)) as Results<K>;
    });
  }

  /**
   * Everything as the bytes of a `.nacre` file: architecture, weights, optimizer, and where
   * training stands. Or all but the last as those of a `.keras` file, or the weights as safetensors.
   *
   * @throws UNSUPPORTED when a layer or option cannot be written, such as an unregistered function, or Keras has not its like
   * @example
   * const bytes = await model.toBytes({ format: "keras" });
   */
  async toBytes(options: BytesOptions = {}): Promise<Uint8Array> {
    const { modelBytes } = await import("./save.js");
    return modelBytes(this, options);
  }

  /**
   * Writes a `.nacre` file, or one for Keras 3 where the name ends in `.keras`; an older file of the
   * name stays whole until the new one is complete.
   *
   * @throws FILE_ACCESS when the folder cannot be written
   * @throws UNSUPPORTED when a layer or option cannot be written, such as an unregistered function, or Keras has not its like
   * @example
   * await model.save("digits.keras");
   */
  async save(path: string): Promise<void> {
    const { saveModel } = await import("./save.js");
    await saveModel(this, path);
  }

  /**
   * Writes the weights alone by their paths as a safetensors file, or as Keras 3 does where the name
   * ends in `.weights.h5`; an older file of the name stays whole until the new one is complete.
   *
   * @throws FILE_ACCESS when the folder cannot be written
   * @example
   * await model.saveWeights("digits.safetensors");
   */
  async saveWeights(path: string): Promise<void> {
    const { saveModelWeights } = await import("./save.js");
    await saveModelWeights(this, path);
  }

  /**
   * Takes weights from a file or its bytes, all or those that a pattern means: of safetensors, a
   * `.nacre`, `.keras` or `.weights.h5` file. Where it fails, all weights stay as they were.
   *
   * @throws FILE_ACCESS when the file cannot be read
   * @throws BAD_FILE when it is cut short, damaged or no such file
   * @throws UNKNOWN_NAME, SHAPE_MISMATCH when file and model differ, unless `strict` is false
   * @example
   * const body = () => [layers.input([4]), layers.dense({ units: 8, name: "body" })];
   * const source = sequential([...body(), layers.dense({ units: 2 })]);
   * const net = sequential([...body(), layers.dense({ units: 5 })]);
   * const bytes = await source.toBytes({ format: "safetensors" });
   * const { loaded } = await net.loadWeights(bytes, { match: "body/**" });
   * console.log(loaded); // ["body/kernel", "body/bias"]
   */
  async loadWeights(source: string | Uint8Array, options: LoadWeightsOptions = {}): Promise<WeightsReport> {
    const { loadModelWeights } = await import("./weights.js");
    return loadModelWeights(this, source, options);
  }

  /**
   * The model as the bytes of an ONNX file: what it predicts with, and a free batch dimension.
   *
   * @throws UNSUPPORTED when it has more than 2 GB, or an older `opset` has not its operators
   * @example
   * const bytes = await model.toOnnx({ opset: 17, inputNames: { input: "pixels" } });
   */
  async toOnnx(options: OnnxOptions = {}): Promise<Uint8Array> {
    const { exportBytes } = await import("./export/model.js");
    return exportBytes(this, options);
  }

  /**
   * Writes an ONNX file that any ONNX runtime accepts. Weights of more than 1 GB lie beside it.
   *
   * @throws FILE_ACCESS when the folder cannot be written
   * @throws UNSUPPORTED when an older `opset` has not its operators
   * @example
   * await model.export("digits.onnx", {
   *   prepare: { input: { layers: [layers.rescaling({ scale: 1 / 255 })] } },
   *   labels: true,
   *   metrics: { accuracy: 0.98 },
   * });
   */
  async export(path: string, options: ExportOptions = {}): Promise<void> {
    const { exportFile } = await import("./export/model.js");
    await exportFile(this, path, options);
  }

  #subject(action: string): FitSubject {
    if (this.compiled === undefined) throw notCompiled(`${this.where}.${action}`);
    const { objective, optimizer } = this.compiled;
    const track = (position: () => TrainPosition): void => void (this.position = position);
    return { model: this, stepper: this.#stepper, objective, optimizer, track };
  }

  /** Keeps two trainings of one model from mixing their steps. */
  async #exclusively<T>(action: string, body: () => Promise<T>): Promise<T> {
    if (this.#busy !== undefined) throw alreadyTraining(`${this.where}.${action}`, this.#busy);
    this.#busy = action;
    try {
      return await body();
    } finally {
      this.#busy = undefined;
    }
  }
}

let predicting: typeof import("./predict.js") | undefined;
