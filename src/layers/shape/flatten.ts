import { reshape } from "../../ops/shape/reshape.js";
import { transpose } from "../../ops/shape/transpose.js";
import { symbolicSize } from "../../tensor/shape.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { oneOf } from "../options.js";
import { DATA_FORMATS, type DataFormat } from "../spatial.js";

/** Options of {@link flatten}. */
export interface FlattenOptions {
  /** Channels-first inputs are brought to channels-last order first. Default channelsLast. */
  readonly dataFormat?: DataFormat;
}

/**
 * All axes but the batch as one.
 *
 * @shape [B,H,W,C] → [B,H·W·C]
 * @example
 * const model = sequential([layers.input([8, 8, 1]), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const flatten: LayerFactory<FlattenOptions> = defineLayer({
  className: "Flatten",
  defaults: { dataFormat: "channelsLast" as DataFormat },
  check: (config, where) => ({ dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS) }),
  call: ({ config }, x) => {
    const first = config.dataFormat === "channelsFirst" && x.rank > 2;
    const value = first ? transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]) : x;
    return reshape(value, [value.shape[0]!, symbolicSize(value.shape.slice(1))]);
  },
});
