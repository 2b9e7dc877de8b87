import { placeholder } from "../../graph/graph.js";
import type { Spec } from "../../graph/node.js";
import { type Dim, addDims, mulDims } from "../../tensor/dim.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { ImportedGraph } from "./prepare.js";
import { Run } from "./run.js";
import { symbolName } from "./symbols.js";

/** Sizes to try for free dimensions: large ones that pools and strides divide, then those of short sequences. */
const SIZES = [64, 32, 16, 8, 4, 2];

/** A second and third size for a free dimension, as multiples of the first. */
const STEPS = [1, 2];

type Sizes = Readonly<Record<string, number>>;
type Shapes = ReadonlyMap<string, { readonly shape: Shape; readonly dtype: DType }>;

/**
 * Finds the shapes of values where free dimensions leave rules without an answer: the graph is built
 * with several sizes, and what varies with a dimension is read off.
 */
export class Probe {
  readonly #graph: ImportedGraph;
  readonly #weight: (name: string) => Tensor;
  readonly #symbols: readonly string[];
  #runs: { readonly sizes: Sizes; readonly shapes: Shapes }[] | undefined;

  constructor(graph: ImportedGraph, inputs: readonly Spec[], weight: (name: string) => Tensor) {
    this.#graph = graph;
    this.#weight = weight;
    this.#symbols = [...new Set(inputs.flatMap(({ shape }) => shape.filter((dim) => typeof dim === "string")))];
  }

  /** The shape of a value; a dimension that follows no simple rule gets a name of its own. */
  find(name: string): Spec | undefined {
    this.#runs ??= this.#trials();
    const found = this.#runs.map(({ shapes }) => shapes.get(name));
    const first = found[0];
    if (first === undefined || found.some((spec) => spec?.shape.length !== first.shape.length)) return undefined;
    return { dtype: first.dtype, shape: first.shape.map((_, axis) => this.#dim(found.map((spec) => spec!.shape[axis]!))) };
  }

  /** One run for the first sizes, and two for each dimension changed alone. */
  #trials(): { readonly sizes: Sizes; readonly shapes: Shapes }[] {
    for (const size of SIZES) {
      const base = Object.fromEntries(this.#symbols.map((symbol) => [symbol, symbol === "batch" ? 2 : size]));
      const changed = this.#symbols.flatMap((symbol) => STEPS.map((step) => ({ ...base, [symbol]: base[symbol]! * (1 + step) })));
      try {
        return [base, ...changed].map((sizes) => ({ sizes, shapes: this.#run(sizes) }));
      } catch {
        // Too large for a table of positions, or too small for a window.
      }
    }
    return [];
  }

  #run(sizes: Sizes): Shapes {
    const shapes = new Map<string, { shape: Shape; dtype: DType }>();
    const inputs = this.#graph.inputs.map(({ name, dtype, shape }) =>
      placeholder(shape.map((dim) => (typeof dim === "string" ? sizes[dim]! : dim)), dtype, name),
    );
    new Run(this.#graph, {
      training: false,
      weight: this.#weight,
      key: () => placeholder([2], "uint32", "key"),
      update: () => {},
      observe: (name, { shape, dtype }) => shapes.set(name, { shape, dtype }),
    }).execute(inputs);
    return shapes;
  }

  /** What one axis measures in all runs, as a formula. */
  #dim(measured: readonly Dim[]): Dim {
    const first = measured[0]!;
    if (measured.every((dim) => dim === first)) return first;
    if (measured.some((dim) => typeof dim === "string")) return symbolName(`free_${measured.join("_")}`);
    const runs = this.#runs!;
    for (const symbol of this.#symbols) {
      const at = runs.map(({ sizes }) => sizes[symbol]!);
      const other = at.findIndex((size) => size !== at[0]);
      const slope = ((measured[other] as number) - (first as number)) / (at[other]! - at[0]!);
      const constant = (first as number) - slope * at[0]!;
      if (Number.isInteger(slope) && measured.every((dim, i) => dim === slope * at[i]! + constant)) {
        return addDims(mulDims(slope, symbol), constant);
      }
    }
    const product = this.#symbols.reduce<Dim>(mulDims, 1);
    const volume = runs.map(({ sizes }) => this.#symbols.reduce((size, symbol) => size * sizes[symbol]!, 1));
    const factor = (first as number) / volume[0]!;
    if (Number.isInteger(factor) && measured.every((dim, i) => dim === factor * volume[i]!)) return mulDims(product, factor);
    // Axes that measure the same in all runs are taken for equal.
    return symbolName(`free_${measured.join("_")}`);
  }
}
