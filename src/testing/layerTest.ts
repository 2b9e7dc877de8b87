import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import "./engine.js";
import { gradients } from "../autodiff/gradients.js";
import type { CommonOptions, Layer } from "../layers/layer.js";
import { fromBytes } from "../models/load.js";
import { type LayerConfig, layerConfig, layerFromConfig } from "../models/config.js";
import { dataTensor } from "../tensor/convert.js";
import { type TypedArray, isFloat } from "../tensor/dtype.js";
import { type Precision, expectDerivatives } from "./differences.js";
import {
  BATCH,
  callOf,
  dataFor,
  equal,
  expectClose,
  floats,
  jitter,
  type LayerInput,
  mistake,
  modelOf,
  netOf,
  readAll,
  setFor,
  symbolsFor,
  tensorsOf,
} from "./layerProbe.js";

/** What a layer must do beside what all layers must. */
export interface LayerExpectations {
  /** What the test calls it. Default: the class name. */
  readonly title?: string;
  /** Shape of one output sample. */
  readonly output: readonly number[];
  /** Shapes of all variables by their path in the layer, in order. Default: none. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  /** Whether training gives other outputs than inference. Default false. */
  readonly trainingDiffers?: boolean;
  /** For each call that a built layer must refuse: the sample shape of each input. */
  readonly refused: readonly (readonly (readonly number[])[])[];
  /**
   * The dtype in which derivatives are taken by differences: float64 unless ONNX Runtime has no
   * such kernel. "none" where the output does not change smoothly.
   */
  readonly differences?: Precision | "none";
  /** The mean squared error to be fallen under on three samples of two targets in (−1, 1). Default 0.01. */
  readonly overfit?: number;
}

/** Makes the layer under test; `extra` is to be laid over its options. */
export type MakeLayer = (extra: CommonOptions) => Layer;

const NAME = "probe";

/**
 * ONNX Runtime fuses and reorders differently in an exported file; a few roundings of 2⁻²⁴ ≈ 6e-8
 * on sums of at most 100 terms of size 1 stay an order of magnitude below this.
 */
const EXPORT_TOLERANCE = 1e-5;

/**
 * Checks all that every layer must do: shapes, configuration, saving, gradients, learning,
 * freezing, errors and export.
 *
 * @example
 * layerTest((extra) => dense({ units: 3, ...extra }), [{ shape: [4] }], {
 *   output: [3],
 *   weights: { kernel: [4, 3], bias: [3] },
 *   refused: [[[5]]],
 * });
 */
export function layerTest(make: MakeLayer, inputs: readonly LayerInput[], expectations: LayerExpectations): void {
  const probe = (extra: CommonOptions = {}): Layer => make({ name: NAME, ...extra });
  const { output, weights = {}, trainingDiffers = false, refused, differences = "float64", overfit = 1e-2 } = expectations;
  const { className, definition } = probe();
  const trains = Object.keys(weights).length > 0;

  describe(expectations.title ?? className, () => {
    it("has the shapes promised, with a free batch and with data", async () => {
      const model = modelOf(probe(), inputs);
      expect(model.outputs[0]!.shape).toEqual(["batch", ...output]);
      for (const batch of [1, BATCH]) {
        expect((await model.predict(dataFor(model, inputs, batch))).shape).toEqual([batch, ...output]);
      }
      const [layer] = model.layers;
      expect(Object.fromEntries(layer!.variables.map((variable) => [layer!.pathOf(variable), variable.shape]))).toEqual(weights);
    });

    it("is the same layer after its configuration went through JSON", async () => {
      const layer = probe();
      const config = layerConfig(layer);
      const read = JSON.parse(JSON.stringify(config)) as LayerConfig;
      const again = layerFromConfig(read);
      expect(layerConfig(again)).toEqual(config);
      expect(layerConfig(layerFromConfig({ ...read, trainable: false })).trainable).toBe(false);
      const [model, copy] = [modelOf(layer, inputs), modelOf(again, inputs)];
      const values = jitter(model);
      copy.variables.forEach((variable, i) => variable.assign(values[i]!));
      const data = dataFor(model, inputs, BATCH);
      expect(await (await copy.predict(data)).data()).toEqual(await (await model.predict(data)).data());
    });

    it("predicts the same bits after saving and loading", async () => {
      const model = modelOf(probe(), inputs);
      jitter(model);
      const loaded = await fromBytes(await model.toBytes());
      const data = dataFor(model, inputs, BATCH);
      expect(await (await loaded.predict(data)).data()).toEqual(await (await model.predict(data)).data());
      expect(await Promise.all(loaded.variables.map((v) => v.read()))).toEqual(await Promise.all(model.variables.map((v) => v.read())));
    });

    it("runs as an exported file with the same numbers", async () => {
      const model = modelOf(probe(), inputs);
      jitter(model);
      const session = await ort.InferenceSession.create(await model.toOnnx(), { logSeverityLevel: 3 });
      for (const batch of [1, BATCH]) {
        const data = dataFor(model, inputs, batch);
        const feeds = Object.entries(data).map(
          ([name, { dtype, value, shape }]) => [name, new ort.Tensor(dtype, value as Float32Array, shape as number[])] as const,
        );
        const results = await session.run(Object.fromEntries(feeds));
        const found = results[model.outputNames[0]!]!;
        expect(found.dims).toEqual([batch, ...output]);
        expectClose(found.data as Float32Array, (await (await model.predict(data)).data()) as Float32Array, EXPORT_TOLERANCE);
      }
      await session.release();
    });

    it(`gives ${trainingDiffers ? "other" : "the same"} outputs in training`, async () => {
      const model = modelOf(probe(), inputs);
      jitter(model);
      const tensors = await tensorsOf(model, inputs);
      const [inference, training] = [false, true].map((mode) => callOf(model.layers[0]!, inputs.length, mode)(...tensors));
      expect(training!.shape).toEqual(inference!.shape);
      const same = expect(await training!.data());
      if (trainingDiffers) same.not.toEqual(await inference!.data());
      else same.toEqual(await inference!.data());
    });

    it("lets a gradient reach each float input and each trained weight", async () => {
      const model = modelOf(probe(), inputs);
      jitter(model);
      const tensors = await tensorsOf(model, inputs);
      const wrt = tensors.filter((tensor, i) => isFloat(tensor.dtype) && (model.variables[i - inputs.length]?.trainable ?? true));
      const y = callOf(model.layers[0]!, inputs.length, true)(...tensors);
      const cotangent = dataTensor(floats(y.size, 7), "float32", y.shape as number[]);
      for (const slope of gradients([y], [cotangent], wrt)) {
        expect(slope).not.toBeNull();
        expect(Array.from((await slope!.data()) as Float32Array).some((g) => g !== 0 && Number.isFinite(g))).toBe(true);
      }
    });

    if (differences !== "none") {
      it.each(trainingDiffers ? [true, false] : [true])("has the derivatives that differences measure, training: %s", async (training) => {
        const model = modelOf(probe(), inputs);
        jitter(model);
        const tensors = await tensorsOf(model, inputs);
        const values = tensors.map(({ shape, dtype, value }) => ({ shape: shape as number[], dtype, data: value as TypedArray }));
        await expectDerivatives(callOf(model.layers[0]!, inputs.length, training), values, differences);
      });
    }

    it("can be trained through: one batch is learnt by heart", async () => {
      const model = netOf(probe(), inputs);
      model.initialize(1);
      const before = await readAll(model.trainableVariables);
      await model.fit(setFor(model, inputs), { epochs: 150, batchSize: BATCH, seed: 1, verbose: "silent" });
      expect((await model.evaluate(setFor(model, inputs))).loss).toBeLessThan(overfit);
      const after = await readAll(model.trainableVariables);
      after.forEach((value, i) => expect(value, model.trainableVariables[i]!.path).not.toEqual(before[i]));
    });

    if (trains) {
      it("keeps its variables while it is frozen, from the start or after a first fit", async () => {
        const model = netOf(probe({ trainable: false }), inputs);
        const layer = model.layers.find(({ name }) => name === NAME)!;
        const train = async (): Promise<boolean> => {
          const before = await readAll(layer.variables);
          await model.fit(setFor(model, inputs), { epochs: 2, batchSize: BATCH, seed: 1, verbose: "silent" });
          return !equal(before, await readAll(layer.variables));
        };
        model.initialize(1);
        expect(await train()).toBe(false);
        layer.trainable = true;
        expect(await train()).toBe(true);
        layer.trainable = false;
        expect(await train()).toBe(false);
      });
    }

    it("refuses inputs that do not fit, and says who it is", () => {
      for (const shapes of refused) {
        const layer = probe();
        layer(symbolsFor(inputs));
        const wrong = symbolsFor(shapes.map((shape, i) => ({ ...inputs[i], shape })));
        const error = mistake(() => layer(wrong));
        expect(error.where.startsWith(layer.where), `${error.where} for ${JSON.stringify(shapes)}`).toBe(true);
        expect(error.message).toContain(`"${NAME}"`);
      }
    });

    it("refuses an option that it does not have, and names the nearest", () => {
      const option = Object.keys(definition.defaults)[0] ?? "trainable";
      const error = mistake(() => probe({ [`${option}x`]: 1 }));
      expect(error).toMatchObject({ code: "UNKNOWN_NAME", fix: `did you mean "${option}"?` });
      expect(error.where).toContain(`"${NAME}"`);
    });
  });
}
