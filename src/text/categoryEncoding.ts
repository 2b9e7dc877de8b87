import { defineLayer, type LayerFactory, required } from "../layers/define.js";
import type { Layer, MaskArgument, SymbolicInputs } from "../layers/layer.js";
import { badOption, wholeNumber } from "../layers/options.js";
import type { SymbolicTensor } from "../layers/symbolic.js";
import { minimum, mul } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { oneHot } from "../ops/indexing/select.js";
import { sum } from "../ops/reduce/reduce.js";
import { reshape } from "../ops/shape/reshape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Options of {@link categoryEncoding}. */
export interface CategoryEncodingOptions {
  /** How many categories there are, at least 1; ids count from 0. */
  readonly numTokens: number;
  /** One row of places for each id, one for all ids of a sample, or their counts. Default multiHot. */
  readonly outputMode?: "oneHot" | "multiHot" | "count";
}

/** Arguments of a call. */
export interface CategoryEncodingArguments extends MaskArgument {
  /** What each id counts for, in the mode count: the ids' shape. Default 1 each. */
  readonly countWeights?: SymbolicTensor | null;
}

/** A {@link categoryEncoding}, whose call takes weights too. */
export interface CategoryEncodingLayer extends Layer {
  (inputs: SymbolicInputs, args?: CategoryEncodingArguments): SymbolicTensor;
}

const MODES = ["oneHot", "multiHot", "count"];

/**
 * Ids as places: 1 at the place of each id, or how often it occurs; as Keras's CategoryEncoding.
 *
 * @shape [B,T] → [B,numTokens]; oneHot: [B] or [B,1] → [B,numTokens], [B,T] → [B,T,numTokens]
 * @throws BAD_ARGUMENT when an option is out of its range
 * @example
 * const net = sequential([layers.input([3], { dtype: "int32" }), categoryEncoding({ numTokens: 4, outputMode: "count" })]);
 * console.log(await (await net.predict([[0, 2, 2]])).toArray()); // [[1, 0, 2, 0]]
 */
export const categoryEncoding: LayerFactory<CategoryEncodingOptions, CategoryEncodingLayer> = defineLayer({
  className: "CategoryEncoding",
  defaults: { numTokens: required<number>(), outputMode: "multiHot" as "oneHot" | "multiHot" | "count" },
  args: { countWeights: null as Tensor | null },
  check: (config, where) => {
    if (!MODES.includes(config.outputMode)) throw badOption(where, "outputMode", MODES.join(", "), config.outputMode);
    return { ...config, numTokens: wholeNumber(where, "numTokens", config.numTokens) };
  },
  call: ({ args: { countWeights }, config: { numTokens, outputMode }, where }, x) => {
    if (countWeights !== null && outputMode !== "count") throw badOption(where, "outputMode", "count where a call gives countWeights", outputMode);
    const ids = cast(x, "int32");
    if (outputMode === "oneHot") {
      const places = oneHot(ids, numTokens); // [B,T,N]
      return x.rank === 2 && x.shape[1] === 1 ? reshape(places, [x.shape[0]!, numTokens]) : places;
    }
    const places = oneHot(x.rank === 1 ? reshape(ids, [x.shape[0]!, 1]) : ids, numTokens);
    const weighted = countWeights === null ? places : mul(places, reshape(cast(countWeights, "float32"), [...places.shape.slice(0, -1), 1]));
    const counts = sum(weighted, { axes: places.rank - 2 });
    return outputMode === "count" ? counts : minimum(counts, 1);
  },
});
