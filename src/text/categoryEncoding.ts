import { defineLayer, type LayerFactory, required } from "../layers/define.js";
import { badOption, wholeNumber } from "../layers/options.js";
import { minimum } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { oneHot } from "../ops/indexing/select.js";
import { sum } from "../ops/reduce/reduce.js";
import { reshape } from "../ops/shape/reshape.js";

/** Options of {@link categoryEncoding}. */
export interface CategoryEncodingOptions {
  /** How many categories there are, at least 1; ids count from 0. */
  readonly numTokens: number;
  /** One row of places for each id, one for all ids of a sample, or their counts. Default multiHot. */
  readonly outputMode?: "oneHot" | "multiHot" | "count";
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
export const categoryEncoding: LayerFactory<CategoryEncodingOptions> = defineLayer({
  className: "CategoryEncoding",
  defaults: { numTokens: required<number>(), outputMode: "multiHot" as "oneHot" | "multiHot" | "count" },
  check: (config, where) => {
    if (!MODES.includes(config.outputMode)) throw badOption(where, "outputMode", MODES.join(", "), config.outputMode);
    return { ...config, numTokens: wholeNumber(where, "numTokens", config.numTokens) };
  },
  call: ({ config: { numTokens, outputMode } }, x) => {
    const ids = cast(x, "int32");
    if (outputMode === "oneHot") {
      const places = oneHot(ids, numTokens); // [B,T,N]
      return x.rank === 2 && x.shape[1] === 1 ? reshape(places, [x.shape[0]!, numTokens]) : places;
    }
    const places = oneHot(x.rank === 1 ? reshape(ids, [x.shape[0]!, 1]) : ids, numTokens);
    const counts = sum(places, { axes: places.rank - 2 });
    return outputMode === "count" ? counts : minimum(counts, 1);
  },
});
