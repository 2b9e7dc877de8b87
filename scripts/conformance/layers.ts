import * as activations from "../../src/activations/index.js";
import { gradients } from "../../src/autodiff/index.js";
import { layerFactory, layerOptions } from "../../src/layers/define.js";
import type { Layer, TraceContext } from "../../src/layers/layer.js";
import type { Variable } from "../../src/layers/variable.js";
import { layerFromConfig } from "../../src/models/config.js";
import { type KerasObject, fromKeras } from "../../src/models/interop/kerasConfig.js";
import type { Serialized } from "../../src/registry.js";
import { dataTensor } from "../../src/tensor/convert.js";
import { isFloat } from "../../src/tensor/dtype.js";
import { getRuntime } from "../../src/tensor/runtime.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { type Outcome, type StoredArray, errorOf, numbersOf, outcomeOf, tensorOf } from "./format.js";

interface LayerCase {
  readonly name: string;
  readonly layer: KerasObject;
  /** Further arguments of the call; `{ tensor: i }` stands for `call_tensors[i]`. */
  readonly call: Readonly<Record<string, unknown>>;
  readonly call_tensors: readonly StoredArray[];
  readonly training: boolean;
  readonly inputs: readonly StoredArray[];
  readonly weights: readonly (StoredArray & { readonly path: string; readonly trainable: boolean })[];
  readonly outputs: readonly StoredArray[];
  /** R of the loss Σ output · R; null for an output of whole numbers. */
  readonly output_cotangents: readonly (StoredArray | null)[];
  readonly input_grads: readonly (StoredArray | null)[];
  /** Of the trainable weights, in order. */
  readonly weight_grads: readonly (StoredArray | null)[];
  /** What the call itself changed, by path. */
  readonly weights_after?: Readonly<Record<string, StoredArray>> | null;
}

/** Class names of Keras that mean one of ours. */
const ALIASES: Readonly<Record<string, string>> = { GroupedQueryAttention: "GroupQueryAttention" };

/** Compares each layer's outputs, gradients and changed weights with Keras's. */
export async function* run(file: { readonly cases: readonly LayerCase[] }): AsyncGenerator<Outcome> {
  for (const test of file.cases) {
    const missing = notBuilt(test);
    if (missing !== undefined) yield { name: test.name, status: "skipped", reason: missing };
    else yield await outcomeOf(test.name, () => measure(test));
  }
}

/** What a case needs that is not there yet. */
function notBuilt({ layer, call }: LayerCase): string | undefined {
  const { className, config } = stored(layer);
  if (layerFactory(className) === undefined) return `no layer ${className}`;
  for (const [option, name] of Object.entries(config)) {
    if (/activation$/i.test(option) && typeof name === "string" && !activations.has(name)) return `no activation ${name}`;
  }
  const argument = Object.keys(call).find((name) => name !== "mask");
  return argument === undefined ? undefined : `no call argument ${argument}`;
}

function stored(object: KerasObject): Serialized {
  const { className, config } = fromKeras(object);
  return { className: ALIASES[className] ?? className, config };
}

function makeLayer(object: KerasObject): Layer {
  const { className, config } = stored(object);
  const { name, trainable, ...options } = config as { name: string; trainable: boolean };
  const own = layerOptions(className)!;
  // What we do not have and Keras leaves off; anything else the layer itself shall refuse.
  const off = ([option, value]: [string, unknown]): boolean =>
    !own.includes(option) && (value === null || value === false || (option === "renormMomentum" && !config["renorm"]));
  const kept = Object.entries(options).filter((entry) => !off(entry));
  return layerFromConfig({ className, name, trainable, config: Object.fromEntries(kept) });
}

/** Calls of a layer outside of a model: its variables have the case's values. */
class CaseTrace implements TraceContext {
  readonly training: boolean;
  readonly updates = new Map<Variable, Tensor>();
  readonly #weights: readonly StoredArray[];
  readonly #layer: Layer;
  readonly #values = new Map<Variable, Tensor>();

  constructor(layer: Layer, test: LayerCase) {
    this.training = test.training;
    this.#layer = layer;
    this.#weights = test.weights;
  }

  valueOf(variable: Variable): Tensor {
    let value = this.#values.get(variable);
    if (value === undefined) {
      const at = this.#layer.variables.indexOf(variable);
      const weight = this.#weights[at];
      if (weight === undefined) throw new Error(`Keras has ${this.#weights.length} weights, no place ${at} for ${variable.path}`);
      variable.assign(numbersOf(weight), weight.shape);
      value = tensorOf(weight);
      this.#values.set(variable, value);
    }
    return value;
  }

  key(): Tensor {
    return dataTensor(Uint32Array.of(1, 2));
  }

  update(variable: Variable, value: Tensor): void {
    this.updates.set(variable, value);
  }

  addLoss(): void {}
}

async function measure(test: LayerCase): Promise<Record<string, number>> {
  const layer = makeLayer(test.layer);
  const inputs = test.inputs.map(tensorOf);
  const masks = masksOf(test);
  const trace = new CaseTrace(layer, test);
  const outputs = layer.call(trace, inputs.map((value, i) => ({ value, mask: masks[i] }))).map(({ value }) => value);
  const floats = outputs.flatMap((output, i) => (test.output_cotangents[i] === null ? [] : [{ output, i }]));
  const trained = layer.variables.filter((variable) => variable.trainable).map((variable) => trace.valueOf(variable));
  const wrt = [...inputs, ...trained];
  const slopes = gradients(
    floats.map(({ output }) => output),
    floats.map(({ i }) => tensorOf(test.output_cotangents[i]!)),
    wrt,
  );
  const want = [...test.input_grads, ...test.weight_grads];
  const compared: [string, Tensor | null, StoredArray | null][] = [
    ...outputs.map((output, i) => [`output ${i}`, output, test.outputs[i]!] as [string, Tensor, StoredArray]),
    ...wrt.map((tensor, i): [string, Tensor | null, StoredArray | null] => [
      i < inputs.length ? `gradient of input ${i}` : `gradient of weight ${i - inputs.length}`,
      isFloat(tensor.dtype) ? slopes[i]! : null,
      want[i]!,
    ]),
    ...Object.entries(test.weights_after ?? {}).map(([path, after]): [string, Tensor | null, StoredArray] => {
      const variable = layer.variables[test.weights.findIndex((weight) => weight.path === path)]!;
      return [`${path} after the call`, trace.updates.get(variable) ?? trace.valueOf(variable), after];
    }),
  ];
  const pending = compared.flatMap(([, tensor]) => (tensor === null || tensor.value !== undefined ? [] : [tensor]));
  if (pending.length > 0) await getRuntime().evaluate(pending);
  const errors: Record<string, number> = {
    "number of outputs": outputs.length === test.outputs.length ? 0 : Infinity,
    "number of weights": layer.variables.length === test.weights.length ? 0 : Infinity,
  };
  for (const [what, got, wanted] of compared) errors[what] = await difference(got, wanted);
  return errors;
}

/** The masks of the inputs: one, or a list with null where there is none. */
function masksOf({ call, call_tensors: tensors }: LayerCase): (Tensor | undefined)[] {
  const given = call["mask"] ?? [];
  const list = (Array.isArray(given) ? given : [given]) as ({ readonly tensor: number } | null)[];
  return list.map((place) => (place === null ? undefined : tensorOf(tensors[place.tensor]!)));
}

/** The error as a multiple of the tolerance. No gradient is the same as one of zeros. */
async function difference(got: Tensor | null, want: StoredArray | null): Promise<number> {
  if (got === null) return want === null ? 0 : errorOf(new Float32Array(want.data.length), numbersOf(want));
  const data = await got.data();
  if (want === null) return errorOf(data, Array.from({ length: data.length }, () => 0));
  return got.shape.join() === want.shape.join() ? errorOf(data, numbersOf(want)) : Infinity;
}
