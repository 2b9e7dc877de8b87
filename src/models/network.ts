import { checkOptions, wrongKind } from "../error.js";
import type { CallArguments } from "../layers/arguments.js";
import { Layer, type Masked, type SymbolicInputs } from "../layers/layer.js";
import { type LayerCall, SymbolicTensor } from "../layers/symbolic.js";
import { frozenTrace, type TraceContext } from "../layers/traceContext.js";
import type { Variable } from "../layers/variable.js";
import { requireOptions } from "../options.js";
import { type Key, keyOf } from "../random/host.js";
import type { ModelOptions } from "./options.js";
import { notNested, portList } from "./ports.js";
import { callsBetween, layersOf, nameLayers, pathsOfVariables, portNames, samePort } from "./structure.js";
import { sizeOf } from "./summaryRows.js";

/** The graph of a model: layer calls between inputs and outputs, and the names in it. */
export class Network extends Layer {
  /** What it takes. */
  readonly inputs: readonly SymbolicTensor[];
  /** What it gives. */
  readonly outputs: readonly SymbolicTensor[];
  /** The names by which batches hold its inputs. */
  readonly inputNames: readonly string[];
  /** The names of its outputs in results, losses and metrics. */
  readonly outputNames: readonly string[];
  /** Each use of a layer, in an order in which they can run. */
  readonly calls: readonly LayerCall[];
  /** Its layers, each once. */
  readonly layers: readonly Layer[];
  /** What this model calls each of its layers; another model that shares one may call it otherwise. */
  readonly layerNames: readonly string[];
  readonly #layerPaths: ReadonlyMap<Layer, string>;
  #variablePaths: ReadonlyMap<Variable, string>;
  #seed: number | undefined;

  constructor(options: ModelOptions) {
    if (options instanceof SymbolicTensor) throw wrongKind("model", "an object with inputs and outputs", options, "as in new Model({ inputs: x, outputs: y })");
    checkOptions("model", options, ["inputs", "outputs", "name", "seed"]);
    requireOptions("model", options, ["inputs", "outputs"]);
    const inputs = portList("inputs", options.inputs).map(([, tensor]) => tensor);
    const named = portList("outputs", options.outputs);
    const outputs = named.map(([, tensor]) => tensor);
    super({ className: "Functional", defaults: {}, call: notReached }, options.name === undefined ? {} : { name: options.name });
    this.inputs = inputs;
    this.outputs = outputs;
    this.calls = callsBetween(inputs, outputs);
    this.layers = layersOf(this.calls);
    this.layerNames = nameLayers(this.layers);
    this.layers.forEach((layer, i) => layer.rename(this.layerNames[i]!));
    this.#layerPaths = super.layerPaths;
    this.#variablePaths = pathsOfVariables(this.layers, this.layerNames);
    this.inputNames = portNames(inputs.map((input) => input.name), "input");
    this.outputNames = portNames(named.map(([name]) => name), "output");
    const shared = this.inputNames.find((name) => this.outputNames.includes(name));
    if (shared !== undefined) throw samePort(shared, "an input and an output");
    this.#seed = options.seed;
  }

  /** What errors call it, sequential or not: `model`, or `model "classifier"`. */
  override get where(): string {
    return this.name === "functional" ? "model" : `model "${this.name}"`;
  }

  override toString(): string {
    return `${this.where} of ${this.layers.length === 1 ? "one layer" : `${this.layers.length} layers`}, ${this.parameterCount.toLocaleString("en")} parameters; summary() lists them`;
  }

  override get variables(): readonly Variable[] {
    return [...new Set(this.layers?.flatMap((layer) => layer.variables))];
  }

  override get states(): readonly Variable[] {
    return [...new Set(this.layers?.flatMap((layer) => layer.states))];
  }

  /** How many rows every batch has to have; undefined where that is free. */
  get batchSize(): number | undefined {
    return this.inputs.map(({ shape: [batch] }) => batch).find((batch) => typeof batch === "number");
  }

  override get inner(): ReadonlyMap<Layer, string> {
    return new Map(this.layers.map((layer, i) => [layer, this.layerNames[i]!]));
  }

  override get layerPaths(): ReadonlyMap<Layer, string> {
    return this.#layerPaths;
  }

  /** The seed of the first weights; undefined until it is known. */
  get seed(): number | undefined {
    return this.#seed;
  }

  /** Where a variable lies in this model, such as `conv2d_1/kernel`. */
  override pathOf(variable: Variable): string {
    // Variables that adapt others may have come after the model was made.
    if (!this.#variablePaths.has(variable)) this.#variablePaths = pathsOfVariables(this.layers, this.layerNames);
    return this.#variablePaths.get(variable) ?? variable.path;
  }

  /** Adds the model as a layer to another one. */
  override callAll(inputs: SymbolicInputs, args: CallArguments = {}): readonly SymbolicTensor[] {
    const count = Array.isArray(inputs) ? inputs.length : 1;
    if (count !== this.inputs.length) throw notNested(this, `${count}`);
    if (Object.keys(args).length > 0) throw notNested(this, `the argument ${Object.keys(args)[0]}`);
    return super.callAll(inputs);
  }

  /** Replays the layer calls on the values of a trace. */
  override call(outer: TraceContext, inputs: readonly Masked[]): Masked[] {
    const trace = this.trainable ? outer : frozenTrace(outer);
    const values = new Map<SymbolicTensor, Masked>();
    this.inputs.forEach((input, i) => values.set(input, inputs[i]!));
    for (const { layer, inputs: from, args, outputs: to } of this.calls) {
      const results = layer.replay(trace, from.map((tensor) => values.get(tensor)!), args);
      to.forEach((tensor, i) => values.set(tensor, results[i]!));
    }
    return this.outputs.map((output) => values.get(output)!);
  }

  /** Draws first values for weights that have none, from a seed and each weight's path. */
  initialize(seed?: number): Key {
    const own = this.#seed ?? seed ?? 0;
    const key = keyOf(own);
    this.#seed = own;
    for (const variable of [...this.variables, ...this.states]) variable.initialize(key);
    return key;
  }

  /** The number of parameters, trained and frozen. */
  get parameterCount(): number {
    return sizeOf(this.variables);
  }
}

/** A model replays its layers' calls and never reaches a definition of its own. */
function notReached(): never {
  throw new Error("a model has no call of its own");
}
