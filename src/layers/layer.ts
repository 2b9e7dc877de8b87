import { NacreError, checkOptions } from "../error.js";
import { placeholder } from "../graph/graph.js";
import { withScope } from "../graph/node.js";
import type { Shape } from "../tensor/shape.js";
import { formatShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { Callable } from "./callable.js";
import type { CallContext, LayerDefinition, Weights } from "./definition.js";
import { type LayerCall, SymbolicTensor } from "./symbolic.js";
import { Variable } from "./variable.js";

/** Options that every layer takes. */
export interface CommonOptions {
  /** Unique in a model. Default: the class name in snake_case, numbered. */
  readonly name?: string;
  /** Whether training changes its weights. Default true. */
  readonly trainable?: boolean;
}

/** How a trace answers a layer's requests; the model room implements it. */
export interface TraceContext {
  readonly training: boolean;
  /** Whether a frozen model around the layer freezes it too. */
  readonly frozen?: boolean;
  valueOf(variable: Variable): Tensor;
  key(layer: Layer): Tensor;
  update(variable: Variable, value: Tensor): void;
  addLoss(value: Tensor): void;
  /** Told of each layer's output, for diagnosis. */
  readonly watch?: ((layer: Layer, value: Tensor) => void) | undefined;
}

/** A value with the mask that travels with it. */
export interface Masked {
  readonly value: Tensor;
  readonly mask?: Tensor | undefined;
}

/** Inputs of a layer in a functional model. */
export type SymbolicInputs = SymbolicTensor | readonly SymbolicTensor[];

/** Calling a layer adds it to a functional model. */
// The one way to give a class a call signature; Callable's constructor makes it true.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Layer {
  (inputs: SymbolicInputs): SymbolicTensor;
}

/**
 * A layer: configuration, variables, and a pure function of tensors. It is itself callable:
 * `dense(x)` adds it to a functional model.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export class Layer<C extends object = object, W extends Weights = Weights> extends Callable<
  SymbolicInputs,
  SymbolicTensor
> {
  readonly definition: LayerDefinition<C, W>;
  readonly config: C;
  /** Whether training changes its weights; set it to false to freeze the layer. */
  trainable: boolean;
  #name: string | undefined;
  readonly named: boolean;
  #weights: W | undefined;
  #builtFor = "";

  constructor(definition: LayerDefinition<C, W>, options: Partial<C> & CommonOptions = {}) {
    super();
    const where = describe(definition.className, options.name);
    checkOptions(where, options, [...Object.keys(definition.defaults), "name", "trainable"]);
    const { name, trainable, ...rest } = options;
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const config: C = { ...definition.defaults, ...given };
    this.definition = definition;
    this.config = checked(definition, config, where);
    this.trainable = trainable ?? true;
    this.named = name !== undefined;
    this.#name = name;
  }

  get className(): string {
    return this.definition.className;
  }

  get name(): string {
    return this.#name ?? snakeCase(this.className);
  }

  /** Gives the layer its name in a model, and its variables their paths. */
  rename(name: string): void {
    this.#name = name;
    for (const variable of this.variables) variable.path = `${name}/${variable.name}`;
  }

  /** What errors call it: `dense "head"`. */
  get where(): string {
    return describe(this.className, this.#name);
  }

  get built(): boolean {
    return this.#weights !== undefined;
  }

  /** Its variables in the order in which they were declared. */
  get variables(): readonly Variable[] {
    return Object.values(this.#weights ?? {}).filter((variable) => variable !== undefined);
  }

  get trainableVariables(): readonly Variable[] {
    return this.trainable ? this.variables.filter((variable) => variable.trainable) : [];
  }

  /** Declares the variables; a second call only checks that the shapes still fit. */
  build(shapes: readonly Shape[]): void {
    if (this.#weights !== undefined) return;
    const weights = this.definition.build?.(
      {
        config: this.config,
        where: this.where,
        addWeight: (name, fields) => new Variable(name, fields),
      },
      ...shapes,
    );
    this.#weights = weights ?? ({} as W);
    this.#builtFor = shapes.map(formatShape).join(" and ");
    this.rename(this.name);
  }

  /** Applies the layer to the values of a trace. */
  call(trace: TraceContext, inputs: readonly Masked[]): Masked[] {
    const values = inputs.map((input) => input.value);
    this.build(values.map((value) => value.shape));
    const weights = this.#weights!;
    const context: CallContext<C, W> = {
      config: this.config,
      where: this.where,
      training: trace.training,
      trainable: this.trainable && trace.frozen !== true,
      masks: inputs.map((input) => input.mask),
      weights: Object.fromEntries(
        Object.entries(weights).map(([name, variable]) => [name, variable && trace.valueOf(variable)]),
      ) as CallContext<C, W>["weights"],
      key: () => trace.key(this as unknown as Layer),
      update: (name, value) => trace.update(weights[name]!, value),
      addLoss: (value) => trace.addLoss(value),
    };
    return withScope(this.name, () => {
      const result = this.#guarded(() => this.definition.call(context, ...values), values);
      const outputs = result instanceof Tensor ? [result] : result;
      const mask = this.#outputMask(context, values);
      for (const value of outputs) trace.watch?.(this as unknown as Layer, value);
      return outputs.map((value) => ({ value, mask }));
    });
  }

  /** Adds the layer to a functional model. */
  override use(inputs: SymbolicInputs): SymbolicTensor {
    const list = inputs instanceof SymbolicTensor ? [inputs] : [...inputs];
    for (const input of list) if (!(input instanceof SymbolicTensor)) throw notSymbolic(this.where, input);
    const outputs: SymbolicTensor[] = [];
    const origin: LayerCall = { layer: this as unknown as Layer, inputs: list, outputs };
    const results = this.call(
      shapesOnly,
      list.map((input, i) => ({
        value: placeholder(input.shape, input.dtype, `input ${i}`),
        mask: input.masked ? placeholder(input.shape.slice(0, 2), "bool", `mask ${i}`) : undefined,
      })),
    );
    for (const { value, mask } of results) {
      outputs.push(new SymbolicTensor({ shape: value.shape, dtype: value.dtype, origin, masked: mask !== undefined }));
    }
    return outputs[0]!;
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

  #outputMask(context: CallContext<C, W>, inputs: readonly Tensor[]): Tensor | undefined {
    const rule = this.definition.mask ?? "stop";
    if (rule === "stop") return undefined;
    return rule === "pass" ? context.masks[0] : rule(context, ...inputs);
  }
}

/** The options as the layer wants them; an unknown name in one of them is told with the layer's. */
function checked<C extends object, W extends Weights>(definition: LayerDefinition<C, W>, config: C, where: string): C {
  try {
    return definition.check?.(config, where) ?? config;
  } catch (error) {
    if (!(error instanceof NacreError) || error.where.startsWith(where)) throw error;
    const { code, expected, received, fix } = error;
    throw new NacreError({ code, where: `${where}, ${error.where}`, expected, received, ...(fix === undefined ? {} : { fix }), cause: error });
  }
}

/** The trace that finds output shapes only: values are placeholders, nothing is kept. */
const shapesOnly: TraceContext = {
  training: false,
  valueOf: (variable) => placeholder(variable.shape, variable.dtype, variable.path),
  key: (layer) => placeholder([2], "uint32", `${layer.name} key`),
  update: () => {},
  addLoss: () => {},
};

/** `BatchNormalization` → `batch_normalization`, as Keras names layers. */
export function snakeCase(className: string): string {
  return className
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

function describe(className: string, name: string | undefined): string {
  const kind = className.charAt(0).toLowerCase() + className.slice(1);
  return name === undefined ? kind : `${kind} "${name}"`;
}

function notSymbolic(where: string, input: unknown): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: "symbolic tensors, as layers.input(…) returns them",
    received: input instanceof Tensor ? "a tensor with data" : typeof input,
    fix: "call model.predict(…) to compute values, or start the model with layers.input(shape)",
  });
}
