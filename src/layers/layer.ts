import { NacreError, checkOptions, kindOf } from "../error.js";
import { placeholder } from "../graph/graph.js";
import { currentScope, withScope } from "../graph/node.js";
import { cast } from "../ops/elementwise/cast.js";
import { commonDType, isFloat } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";
import { formatShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { adaptedValue } from "./adapter.js";
import { type AdaptData, type AdaptOptions, rowsOf } from "./adapt.js";
import { type CallArguments, checkArguments, packArguments, unpackArguments } from "./arguments.js";
import { Callable } from "./callable.js";
import type { CallContext, LayerDefinition, Weights } from "./definition.js";
import { type LayerCall, SymbolicTensor } from "./symbolic.js";
import { frozenTrace, type Masked, shapesOnly, type TraceContext } from "./traceContext.js";
import { Variable } from "./variable.js";

export type { Masked, TraceContext } from "./traceContext.js";

/** Options that every layer takes. */
export interface CommonOptions {
  /** Unique in a model. Default: the class name in snake_case, numbered. */
  readonly name?: string;
  /** Whether training changes its weights. Default true. */
  readonly trainable?: boolean;
}

/** Inputs of a layer in a functional model. */
export type SymbolicInputs = SymbolicTensor | readonly SymbolicTensor[];

/** What every layer's call takes beside its inputs. */
export interface MaskArgument {
  /** Which steps are valid, instead of the masks that travel with the inputs: bool [B,T], or one for each input. */
  readonly mask?: SymbolicTensor | readonly (SymbolicTensor | null)[] | null;
}

/** Calling a layer adds it to a functional model. */
// The one way to give a class a call signature; Callable's constructor makes it true.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Layer {
  (inputs: SymbolicInputs, args?: MaskArgument): SymbolicTensor;
}

/**
 * A layer: configuration, variables, and a pure function of tensors. It is itself callable:
 * `dense(x)` adds it to a functional model. {@link defineLayer} makes new kinds.
 *
 * @example
 * const dense = layers.dense({ units: 3 });
 * const net = sequential([layers.input([4]), dense]);
 * console.log(dense.name, dense.variables.map(({ path }) => path)); // dense ["dense/kernel", "dense/bias"]
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export class Layer<C extends object = object, W extends Weights = Weights, A extends object = object> extends Callable<
  [inputs: SymbolicInputs, args?: CallArguments],
  SymbolicTensor | readonly SymbolicTensor[]
> {
  /** Its kind: what {@link defineLayer} was given. */
  readonly definition: LayerDefinition<C, W, A>;
  /** Its options, checked, over their defaults. */
  readonly config: C;
  /** Whether training changes its weights; set it to false to freeze the layer. */
  trainable: boolean;
  #name: string | undefined;
  /** Whether the name was given, rather than made. */
  readonly named: boolean;
  #weights: W | undefined;
  /** The layers inside, with their names in this one. */
  readonly #inner = new Map<Layer, string>();
  #builtFor = "";

  constructor(definition: LayerDefinition<C, W, A>, options: Partial<C> & CommonOptions = {}) {
    super();
    const where = describe(definition.className, options.name);
    checkOptions(where, options, [...Object.keys(definition.defaults), "name", "trainable"]);
    const { name, trainable, ...rest } = options;
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const config: C = { ...definition.defaults, ...given };
    this.definition = definition;
    this.config = definition.check?.(config, where) ?? config;
    this.trainable = trainable ?? true;
    this.named = name !== undefined;
    this.#name = name;
  }

  /** Keras's class name, or one of your own. */
  get className(): string {
    return this.definition.className;
  }

  /** Unique in a model. */
  get name(): string {
    return this.#name ?? snakeCase(this.className);
  }

  /** Gives the layer its name in a model, and its variables and the layers inside their paths. */
  rename(name: string): void {
    this.#name = name;
    for (const variable of this.#own()) variable.path = `${name}/${variable.name}`;
    for (const [layer, inside] of this.inner) layer.rename(`${name}/${inside}`);
  }

  /** What errors call it: `dense "head"`. */
  get where(): string {
    return describe(this.className, this.#name);
  }

  /** As errors call it. */
  override toString(): string {
    return this.where;
  }

  /** What the console of Node shows, instead of all that is inside. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Whether its variables are declared. */
  get built(): boolean {
    return this.#weights !== undefined;
  }

  /** The layers that it consists of, with their names in it. */
  get inner(): ReadonlyMap<Layer, string> {
    return this.#inner;
  }

  /** Every layer inside, with its path from here, such as `forward_lstm/lstm_cell`. */
  get layerPaths(): ReadonlyMap<Layer, string> {
    return new Map(
      [...this.inner].flatMap(([layer, name]): [Layer, string][] => [
        [layer, name],
        ...[...layer.layerPaths].map(([below, path]): [Layer, string] => [below, `${name}/${path}`]),
      ]),
    );
  }

  /** Its variables and those of the layers inside, in the order in which they were declared. */
  get variables(): readonly Variable[] {
    return this.#parts((part) => (part instanceof Variable ? (part.isState ? [] : part.withAdapter) : part.variables));
  }

  /** What it and the layers inside carry from batch to batch, such as the states of a stateful recurrent layer. */
  get states(): readonly Variable[] {
    return this.#parts((part) => (part instanceof Variable ? (part.isState ? [part] : []) : part.states));
  }

  #parts(variablesOf: (part: Variable | Layer) => readonly Variable[]): Variable[] {
    return [...new Set(Object.values(this.#weights ?? {}).flatMap((part) => (part === undefined ? [] : variablesOf(part))))];
  }

  /**
   * Sets to zeros what stateful recurrent layers carry from batch to batch: the next batch begins new sequences.
   *
   * @example
   * const net = sequential([layers.input([5, 1], { batchSize: 2 }), layers.lstm({ units: 4, stateful: true })]);
   * await net.predict([[[1], [2], [3], [4], [5]], [[2], [3], [4], [5], [6]]]);
   * net.resetStates();
   */
  resetStates(): void {
    for (const state of this.states) state.assign(new Float32Array(state.size));
  }

  /** Those that training changes. */
  get trainableVariables(): readonly Variable[] {
    if (!this.trainable) return [];
    const inside = [...this.inner.keys()].flatMap((layer) => layer.trainableVariables);
    const trained = new Set([...this.#own().filter(({ trainable, frozen }) => trainable && !frozen), ...inside]);
    return this.variables.filter((variable) => trained.has(variable));
  }

  /** Where a variable lies in this layer, such as `kernel` or `lstm_cell/kernel`. */
  pathOf(variable: Variable): string {
    if (this.#own().includes(variable)) return variable.name;
    const [layer, name] = [...this.inner].find(([inside]) => inside.variables.includes(variable) || inside.states.includes(variable)) ?? [];
    return layer === undefined ? variable.path : `${name}/${layer.pathOf(variable)}`;
  }

  /** Declares the variables; a second call only checks that the shapes still fit. */
  build(shapes: readonly Shape[]): void {
    if (this.#weights !== undefined) return;
    const weights = this.definition.build?.(
      {
        config: this.config,
        where: this.where,
        addWeight: (name, fields) => new Variable(name, fields),
        addLayer: (name, layer) => {
          this.#inner.set(layer, name);
          return layer;
        },
      },
      ...shapes,
    );
    this.#weights = weights ?? ({} as W);
    this.#builtFor = shapes.map(formatShape).join(" and ");
    this.rename(this.name);
  }

  /**
   * Lets the layer learn from data what it must know before it is used, on the host: a normalization
   * its mean and variance. To be called before the model is trained or predicts.
   *
   * @throws UNSUPPORTED when this kind of layer learns by training alone
   * @example
   * const scale = layers.normalization();
   * await scale.adapt([[1, 10], [3, 30]]);
   * const model = sequential([layers.input([2]), scale]);
   * console.log(await (await model.predict([[2, 40]])).toArray()); // [[0, 2]]
   */
  async adapt(data: AdaptData, options: AdaptOptions = {}): Promise<void> {
    const context = { config: this.config, where: this.where };
    const learning = this.definition.adapt?.(context, rowsOf(this.where, data, options));
    if (learning === undefined) throw notAdapted(this.where);
    const learned = await learning;
    Object.assign(this.config, learned.config);
    this.build([["batch", ...learned.shape]]);
    for (const [name, values] of Object.entries(learned.variables ?? {})) (this.#weights![name] as Variable).assign(values);
  }

  /** Applies the layer to the values of a trace. */
  call(trace: TraceContext, inputs: readonly Masked[], args: CallArguments = {}): Masked[] {
    const context = this.#open(trace, inputs.map(({ value }) => value.shape), inputs.map((input) => input.mask), args);
    // A layer inside another has the outer one's name in front of its own already.
    const scope = currentScope();
    return withScope(this.name.startsWith(`${scope}/`) ? this.name.slice(scope.length + 1) : this.name, () => {
      const values = this.#cast(inputs.map((input) => input.value));
      const result = this.#guarded(() => this.definition.call(context, ...values), values);
      const outputs = result instanceof Tensor ? [result] : result;
      const mask = this.#outputMask(context, values);
      for (const value of outputs) trace.watch?.(this as unknown as Layer, value);
      return outputs.map((value, i) => ({ value, mask: mask === undefined || mask instanceof Tensor ? mask : mask[i] }));
    });
  }

  /** Adds the layer to a functional model: gives its output, or the list of them where there are several. */
  override use(inputs: SymbolicInputs, args: CallArguments = {}): SymbolicTensor | readonly SymbolicTensor[] {
    const outputs = this.callAll(inputs, args);
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  /** Adds the layer to a functional model, and gives its outputs as a list whatever their number. */
  callAll(inputs: SymbolicInputs, args: CallArguments = {}): readonly SymbolicTensor[] {
    const list = Array.isArray(inputs) ? (inputs as readonly SymbolicTensor[]) : [inputs as SymbolicTensor];
    for (const input of list) if (!(input instanceof SymbolicTensor)) throw notSymbolic(this.where, input);
    checkArguments(this.where, args, this.definition.args);
    const packed = packArguments(this.where, list, args, (value) => value instanceof SymbolicTensor);
    const outputs: SymbolicTensor[] = [];
    const origin: LayerCall = { layer: this as unknown as Layer, inputs: packed.tensors, args: packed.args, outputs };
    const masked = packed.tensors.map((input, i) => ({
      value: placeholder(input.shape, input.dtype, `input ${i}`),
      mask: input.masked ? placeholder(input.shape.slice(0, 2), "bool", `mask ${i}`) : undefined,
    }));
    for (const { value, mask } of this.replay(shapesOnly, masked, packed.args)) {
      outputs.push(new SymbolicTensor({ shape: value.shape, dtype: value.dtype, origin, masked: mask !== undefined }));
    }
    return outputs;
  }

  /** Applies the layer to all tensors of a {@link LayerCall}. */
  replay(trace: TraceContext, tensors: readonly Masked[], template: LayerCall["args"]): Masked[] {
    const { inputs, args } = unpackArguments({ tensors, args: template });
    return this.call(trace, inputs, valuesIn(args) as CallArguments);
  }

  #own(): Variable[] {
    return Object.values(this.#weights ?? {}).flatMap((part) => (part instanceof Variable ? part.withAdapter : []));
  }

  #open(
    outer: TraceContext,
    shapes: readonly Shape[],
    masks: readonly (Tensor | undefined)[],
    given: CallArguments,
  ): CallContext<C, W, A> {
    checkArguments(this.where, given, this.definition.args);
    this.build(shapes);
    const trace = this.trainable ? outer : frozenTrace(outer);
    const weights = this.#weights!;
    const { mask, ...args } = given;
    const all = (layer: Layer, values: Tensor | readonly Tensor[], inside?: CallArguments): readonly Tensor[] =>
      layer.call(trace, [values].flat().map((value) => ({ value })), inside).map(({ value }) => value);
    return {
      config: this.config,
      where: this.where,
      args: { ...this.definition.args, ...args } as A,
      training: trace.training,
      trainable: trace.frozen !== true,
      masks: mask === undefined ? masks : masksFrom(mask as MaskValue),
      weights: Object.fromEntries(
        Object.entries(weights).map(([name, part]) => [name, part instanceof Variable ? adaptedValue(trace, part) : part]),
      ) as CallContext<C, W>["weights"],
      key: () => trace.key(this as unknown as Layer),
      update: (name, value) => trace.update(weights[name] as Variable, value),
      addLoss: (value) => trace.addLoss(value),
      run: (layer, values, inside) => all(layer, values, inside)[0]!,
      runAll: all,
      open: (layer, ...inside) => layer.#open(trace, inside, [], {}),
    };
  }

  /** The inputs in the dtype that the layer computes with. */
  #cast(values: readonly Tensor[]): readonly Tensor[] {
    const { inputDType } = this.definition;
    if (inputDType === "float32") return values.map((value) => (isFloat(value.dtype) ? value : cast(value, "float32")));
    if (inputDType === undefined) return values;
    const common = commonDType(values.map(({ dtype }) => dtype));
    return values.map((value) => cast(value, common));
  }

  /** Names the layer in errors of the ops that it calls. */
  #guarded<T>(body: () => T, inputs: readonly Tensor[]): T {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof NacreError) || error.where.startsWith(this.where)) throw error;
      const built = this.#builtFor === "" ? "" : ` (built for ${this.#builtFor})`;
      throw new NacreError({
        code: error.code,
        where: `${this.where}, ${error.where}`,
        expected: error.expected,
        received: `${error.received} from inputs ${inputs.map((x) => formatShape(x.shape)).join(" and ")}${built}`,
        ...(error.fix === undefined ? {} : { fix: error.fix }),
        cause: error,
      });
    }
  }

  #outputMask(context: CallContext<C, W, A>, inputs: readonly Tensor[]): Tensor | undefined | readonly (Tensor | undefined)[] {
    const rule = this.definition.mask ?? "stop";
    if (rule === "stop") return undefined;
    return rule === "pass" ? context.masks[0] : rule(context, ...inputs);
  }
}

type MaskValue = Tensor | null | readonly (Tensor | null)[];

function masksFrom(mask: MaskValue): (Tensor | undefined)[] {
  return [mask].flat().map((one: Tensor | null) => (one === null ? undefined : cast(one, "bool")));
}

/** Arguments with the values of their tensors, without the masks that came with these. */
function valuesIn(argument: unknown): unknown {
  if (Array.isArray(argument)) return argument.map(valuesIn);
  if (typeof argument !== "object" || argument === null) return argument;
  if ("value" in argument && argument.value instanceof Tensor) return argument.value;
  return Object.fromEntries(Object.entries(argument).map(([name, value]) => [name, valuesIn(value)]));
}

/** `BatchNormalization` → `batch_normalization`, as Keras names layers. */
export function snakeCase(className: string): string {
  return className
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

function describe(className: string, name: string | undefined): string {
  const kind = className.replace(/^([A-Z]+(?![a-z])|[A-Z])/, (capitals) => capitals.toLowerCase());
  return name === undefined ? kind : `${kind} "${name}"`;
}

function notAdapted(where: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `${where}, adapt`,
    expected: "a layer that learns from data before training, such as normalization",
    received: "one that does not",
    fix: "leave the call away",
  });
}

function notSymbolic(where: string, input: unknown): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: "symbolic tensors, as layers.input(…) returns them",
    received: input instanceof Tensor ? "a tensor with data" : kindOf(input),
    fix: "call model.predict(…) to compute values, or start the model with layers.input(shape)",
  });
}
