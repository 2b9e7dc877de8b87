import * as activations from "../../src/activations/index.js";
import "../../src/audio/index.js";
import { gradients } from "../../src/autodiff/index.js";
import "../../src/image/index.js";
import "../../src/text/index.js";
import type { CallArguments } from "../../src/layers/arguments.js";
import { input } from "../../src/layers/core/input.js";
import { layerFactory } from "../../src/layers/define.js";
import type { Layer, TraceContext } from "../../src/layers/layer.js";
import type { Variable } from "../../src/layers/variable.js";
import { type KerasObject, camelCase, fromKeras } from "../../src/models/interop/kerasConfig.js";
import { layerFromKeras } from "../../src/models/interop/kerasLayers.js";
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

/** Compares each layer's outputs, gradients and changed weights with Keras's. */
export async function* run(file: { readonly cases: readonly LayerCase[] }): AsyncGenerator<Outcome> {
  for (const test of file.cases) {
    const missing = notBuilt(test);
    if (missing !== undefined) yield { name: test.name, status: "skipped", reason: missing };
    else yield await outcomeOf(test.name, () => measure(test));
  }
}

/** What a case needs that is not there yet. */
function notBuilt({ layer }: LayerCase): string | undefined {
  const { className, config } = fromKeras(layer);
  if (layerFactory(className) === undefined) return `no layer ${className}`;
  for (const [option, name] of Object.entries(config)) {
    if (/activation$/i.test(option) && typeof name === "string" && !activations.has(name)) return `no activation ${name}`;
  }
  const inner = Object.values(config).flat().find((value) => isLayer(value) && layerFactory(value.className) === undefined);
  return inner === undefined ? undefined : `no layer ${(inner as Serialized).className}`;
}

/** Whether an option's value is a layer: initializers and their like have no name of their own. */
function isLayer(value: unknown): value is Serialized {
  return typeof value === "object" && value !== null && "className" in value && "name" in ((value as unknown as Serialized).config as object);
}

/** The call's arguments with its tensors in their places; masks as truth values. */
function argumentsOf({ layer, call, call_tensors: tensors }: LayerCase): CallArguments {
  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place);
    return typeof value === "object" && value !== null && "tensor" in value ? tensorOf(tensors[value.tensor as number]!) : value;
  };
  const { query_mask, value_mask, key_mask, ...others } = call;
  // Keras's layer overwrites this argument with the mask that travels with the query, and none does here.
  const ofQuery = layer.class_name === "MultiHeadAttention" ? null : query_mask;
  const masks = [ofQuery, value_mask, key_mask].map((mask) => place(mask ?? null));
  return {
    ...Object.fromEntries(Object.entries(others).map(([name, value]) => [camelCase(name), place(value)])),
    ...(masks.every((mask) => mask === null) ? {} : { mask: masks }),
  };
}

/** A layer's variables as Keras lists them: it counts a kernel that is normalised as the outer layer's own, which comes first. */
function variablesOf({ className, variables }: Layer): readonly Variable[] {
  if (className !== "SpectralNormalization") return variables;
  return variables.toSorted((a, b) => Number(isKernel(b)) - Number(isKernel(a)));
}

function isKernel({ name }: Variable): boolean {
  return name === "kernel" || name === "embeddings";
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
      if (variable.isState) return dataTensor(new Float32Array(variable.size), "float32", variable.shape);
      const at = variablesOf(this.#layer).indexOf(variable);
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
  const layer = layerFromKeras(test.layer);
  const inputs = test.inputs.map(tensorOf);
  // Variables, those of layers inside too, have their places once the layer was called.
  layer.callAll(inputs.map(({ shape: [batchSize, ...shape], dtype }) => input(shape as number[], { dtype, ...(isStateful(layer) && { batchSize: batchSize as number }) })));
  const trace = new CaseTrace(layer, test);
  const outputs = layer.call(trace, inputs.map((value) => ({ value })), argumentsOf(test)).map(({ value }) => value);
  const floats = outputs.flatMap((output, i) => (test.output_cotangents[i] === null ? [] : [{ output, i }]));
  const trained = variablesOf(layer).filter((variable) => variable.trainable).map((variable) => trace.valueOf(variable));
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
      const variable = variablesOf(layer)[test.weights.findIndex((weight) => weight.path === path)]!;
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

/** Whether a layer, or the one that it wraps, carries states, so that it must know the batch size. */
function isStateful({ config }: Layer): boolean {
  const { stateful, layer } = config as { readonly stateful?: boolean; readonly layer?: Layer };
  return stateful === true || (layer !== undefined && isStateful(layer));
}

/** The error as a multiple of the tolerance. No gradient is the same as one of zeros. */
async function difference(got: Tensor | null, want: StoredArray | null): Promise<number> {
  if (got === null) return want === null ? 0 : errorOf(new Float32Array(want.data.length), numbersOf(want));
  const data = await got.data();
  if (want === null) return errorOf(data, Array.from({ length: data.length }, () => 0));
  return got.shape.join() === want.shape.join() ? errorOf(data, numbersOf(want)) : Infinity;
}
