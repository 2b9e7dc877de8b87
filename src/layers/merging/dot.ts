import { einsum } from "../../ops/matrix/einsum.js";
import { normalize } from "../../ops/reduce/norm.js";
import { reshape } from "../../ops/shape/reshape.js";
import { formatShape, normalizeAxis } from "../../tensor/shape.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { badOption, needAxis } from "../options.js";
import { needTwo } from "./inputs.js";

/** Options of {@link dot}. */
export interface DotOptions {
  /** The axis summed over: of both inputs, or one each. Not the batch axis, 0. */
  readonly axes: number | readonly [number, number];
  /** Whether vectors along these axes are brought to length 1 first: the cosine. Default false. */
  readonly normalize?: boolean;
}

const LETTERS = "acdefghijklmnopqrstuvwxy";

/**
 * The products of two inputs, summed over one axis of each, sample by sample.
 *
 * @shape [B,M,K], [B,N,K] → [B,M,N] for axes 2
 * @throws SHAPE_MISMATCH when the two axes differ in size
 * @example
 * const [a, b] = [layers.input([8]), layers.input([8])];
 * const model = new Model({ inputs: [a, b], outputs: layers.dot({ axes: 1, normalize: true })([a, b]) });
 */
export const dot: LayerFactory<DotOptions> = defineLayer({
  className: "Dot",
  inputDType: "common",
  defaults: { axes: required<number | readonly [number, number]>(), normalize: false },
  check: (config, where) => {
    const axes: readonly unknown[] = Array.isArray(config.axes) ? config.axes : [config.axes, config.axes];
    if (axes.length === 2 && axes.every((axis) => Number.isInteger(axis) && axis !== 0)) return config;
    throw badOption(where, "axes", "one or two whole numbers other than 0", config.axes);
  },
  call: ({ config, where }, ...inputs) => {
    needTwo(where, inputs, true);
    const [x, y] = config.normalize
      ? inputs.map((value, i) => normalize(value, { axes: axisOf(config.axes, i) }))
      : inputs;
    const axes = inputs.map((value, i) => normalizeAxis(axisOf(config.axes, i), value.rank, where));
    if (axes.includes(0)) throw badOption(where, "axes", `no batch axis of ${inputs.map((value) => formatShape(value.shape)).join(" and ")}`, config.axes);
    needAxis(where, y!.shape, axes[1]!, x!.shape[axes[0]!]!, `axis ${axes[1]} of the second input to be`);
    // b is the batch axis, z the one summed over.
    const left = x!.shape.map((_, i) => (i === 0 ? "b" : i === axes[0] ? "z" : LETTERS[i]!));
    const right = y!.shape.map((_, i) => (i === 0 ? "b" : i === axes[1] ? "z" : LETTERS[x!.rank + i]!));
    const kept = [...left, ...right.slice(1)].filter((label) => label !== "z");
    const product = einsum(`${left.join("")},${right.join("")}->${kept.join("")}`, [x!, y!]);
    return product.rank === 1 ? reshape(product, [product.shape[0]!, 1]) : product;
  },
});

function axisOf(axes: DotOptions["axes"], i: number): number {
  return typeof axes === "number" ? axes : axes[i]!;
}
