import * as initializers from "../../initializers/index.js";
import type { Initializer } from "../../initializers/index.js";
import { einsum } from "../../ops/matrix/einsum.js";
import type { Shape } from "../../tensor/shape.js";
import { formatShape } from "../../tensor/shape.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { addParameter, resolveNames } from "../parameters.js";
import { finishKernel, KERNEL_DEFAULTS, type KernelOptions } from "../kernel.js";
import { badOption, knownDim, needAxis, needRank } from "../options.js";

/** Options of {@link einsumDense}. */
export interface EinsumDenseOptions extends Omit<KernelOptions, "useBias"> {
  /** Which axes of input and kernel meet, as in "abc,cd->abd"; `...` may stand at the same end of input and output. */
  readonly equation: string;
  /** Shape of the output without the batch axis and those of `...`; null where the input says it. */
  readonly outputShape: number | readonly (number | null)[];
  /** Axes of the output that have a bias of their own, such as "d". Default none: no bias. */
  readonly biasAxes?: string | null;
}

const { useBias: _, ...DEFAULTS } = KERNEL_DEFAULTS;

/**
 * A fully connected layer between any axes: activation(einsum(equation, x, kernel) + bias).
 *
 * @shape [B,T,C] → [B,T,N] for "abc,cd->abd"
 * @throws BAD_ARGUMENT when the equation cannot be read, or does not give the kernel's shape
 * @throws SHAPE_MISMATCH when the input does not fit the equation
 * @example
 * const x = layers.input([10, 16]);
 * const heads = layers.einsumDense({ equation: "btc,chd->bthd", outputShape: [null, 4, 8], biasAxes: "hd" })(x);
 */
export const einsumDense: LayerFactory<EinsumDenseOptions> = defineLayer({
  className: "EinsumDense",
  inputDType: "float32",
  defaults: {
    equation: required<string>(),
    outputShape: required<number | readonly (number | null)[]>(),
    biasAxes: null as string | null,
    ...DEFAULTS,
  },
  check: (config, where) => {
    readEquation(config.equation, where);
    const right = [config.outputShape].flat().every((dim) => dim === null || (Number.isInteger(dim) && dim >= 1));
    if (!right) throw badOption(where, "outputShape", "whole numbers of at least 1, or null", config.outputShape);
    return resolveNames(config);
  },
  build: (context, shape) => {
    const { config, where } = context;
    const equation = readEquation(config.equation, where);
    const dims = dimsOf(equation, config, shape, where);
    const { kernel } = equation;
    const size = (labels: readonly string[]): number => labels.reduce((product, label) => product * dims.get(label)!, 1);
    const named = initializers.get(config.kernelInitializer);
    const fans = [size(kernel.filter((label) => !equation.output.includes(label))), size(kernel.filter((label) => equation.output.includes(label)))];
    return {
      kernel: addParameter(
        { config: { ...config, kernelInitializer: withFans(named, fans) }, addWeight: context.addWeight },
        "kernel",
        kernel.map((label) => dims.get(label)!),
      ),
      bias: config.biasAxes === null ? undefined : addParameter(context, "bias", biasShape(equation, config.biasAxes, dims, shape.length, where)),
    };
  },
  call: (context, x) => {
    const { config, where, weights } = context;
    const equation = readEquation(config.equation, where);
    const labels = axesOf(equation, x.shape, where);
    equation.kernel.forEach((label, i) => {
      const axis = labels.indexOf(label);
      if (axis >= 0) needAxis(where, x.shape, axis, weights.kernel.shape[i]!, `axis ${axis} to be`);
    });
    return finishKernel(context, einsum(config.equation, [x, weights.kernel]), weights.bias);
  },
});

/** Labels of the axes of input, kernel and output, and at which end of input and output `...` stands. */
interface Equation {
  readonly input: readonly string[];
  readonly kernel: readonly string[];
  readonly output: readonly string[];
  readonly dots: "none" | "left" | "right";
}

function readEquation(equation: unknown, where: string): Equation {
  const match = typeof equation === "string" ? /^(\.{3})?([a-zA-Z]+)(\.{3})?,([a-zA-Z]+)->(\.{3})?([a-zA-Z]+)(\.{3})?$/.exec(equation.replaceAll(" ", "")) : null;
  const [, left, , right, , outLeft, , outRight] = match ?? [];
  const [input, kernel, output] = [2, 4, 6].map((group) => match?.[group]?.split("") ?? []) as [string[], string[], string[]];
  const known = kernel.every((label) => input.includes(label) || output.includes(label));
  const made = output.every((label) => input.includes(label) || kernel.includes(label));
  if (match === null || left !== outLeft || right !== outRight || (left && right) || !known || !made) {
    throw badOption(where, "equation", 'axes as in "abc,cd->abd" or "...c,cd->...d", each of the kernel\'s in input or output', equation);
  }
  return { input, kernel, output, dots: left ? "left" : right ? "right" : "none" };
}

/** The label of each axis of the input; undefined for the axes of `...`. */
function axesOf({ input, dots }: Equation, shape: Shape, where: string): (string | undefined)[] {
  const hidden = Array.from({ length: shape.length - input.length }, () => undefined);
  if (dots === "none" || shape.length < input.length) needRank(where, shape, input.length, `for the labels ${input.join("")}`);
  return dots === "left" ? [...hidden, ...input] : [...input, ...hidden];
}

/** The size of every label of the kernel. */
function dimsOf(
  equation: Equation,
  config: { readonly outputShape: number | readonly (number | null)[] },
  shape: Shape,
  where: string,
): ReadonlyMap<string, number> {
  const labels = axesOf(equation, shape, where);
  const given: readonly (number | null)[] = [config.outputShape].flat();
  // The batch axis is the first label of the output, unless the dots hold it.
  const named = equation.dots === "left" && shape.length > equation.input.length ? equation.output : equation.output.slice(1);
  if (given.length !== named.length) throw badOption(where, "outputShape", `${named.length} dimensions, for the labels ${named.join("")}`, config.outputShape);
  const dims = new Map<string, number>();
  for (const label of equation.kernel) {
    const axis = labels.indexOf(label);
    const size = axis >= 0 ? knownDim(where, shape, axis) : (given[named.indexOf(label)] ?? null);
    if (size === null) throw badOption(where, "outputShape", `a number for the label ${label}`, config.outputShape);
    dims.set(label, size);
  }
  named.forEach((label, i) => {
    const axis = labels.indexOf(label);
    const size = axis >= 0 ? shape[axis]! : dims.get(label);
    if (given[i] !== null && given[i] !== size) {
      throw badOption(where, "outputShape", `${size} for the label ${label}, as in the input ${formatShape(shape)}`, config.outputShape);
    }
    if (typeof size === "number") dims.set(label, size);
  });
  return dims;
}

/** From the first label that has a bias on: its size, or 1 for those that share it. */
function biasShape({ output, input, dots }: Equation, axes: string, dims: ReadonlyMap<string, number>, rank: number, where: string): number[] {
  const places = axes.split("").map((label) => output.indexOf(label));
  if (axes === "" || places.includes(-1)) throw badOption(where, "biasAxes", `labels of the output ${output.join("")}`, axes);
  const shape = output.slice(Math.min(...places)).map((label) => (axes.includes(label) ? dims.get(label) : 1));
  if (shape.includes(undefined)) throw badOption(where, "biasAxes", "axes of a known size, not the batch's", axes);
  return [...(shape as number[]), ...Array.from({ length: dots === "right" ? rank - input.length : 0 }, () => 1)];
}

/** An initializer whose variance depends on inputs and outputs, told what these are. */
function withFans(initializer: Initializer, fans: readonly number[]): Initializer {
  if (!/^(Glorot|He|Lecun|VarianceScaling)/.test(initializer.name)) return initializer;
  // Its values are drawn independently, so that their order does not matter.
  return { ...initializer, init: (_shape, key) => initializer.init(fans, key) };
}
