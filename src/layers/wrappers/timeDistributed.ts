import { reshape } from "../../ops/shape/reshape.js";
import { formatShape, symbolicSize } from "../../tensor/shape.js";
import { NacreError } from "../../error.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { Layer } from "../layer.js";
import { badOption } from "../options.js";

/** Options of {@link timeDistributed}. */
export interface TimeDistributedOptions {
  /** What is applied to each step, with the same weights; a layer with one input and one output, or a model. */
  readonly layer: Layer;
}

/**
 * A layer applied to each step of sequences by itself.
 *
 * @shape [B,T,...] → [B,T,...]
 * @throws SHAPE_MISMATCH when the input has fewer than three axes
 * @example
 * const frames = layers.input([5, 8, 8, 1]);
 * const h = layers.timeDistributed({ layer: layers.conv2d({ filters: 2, kernelSize: 3 }) })(frames);
 * const model = new Model({ inputs: frames, outputs: h });
 */
export const timeDistributed: LayerFactory<TimeDistributedOptions> = defineLayer({
  className: "TimeDistributed",
  defaults: { layer: required<Layer>() },
  check: (config, where) => {
    if (!(config.layer instanceof Layer)) throw badOption(where, "layer", "a layer", config.layer);
    return config;
  },
  build: ({ config, addLayer }) => ({ layer: addLayer(config.layer.name, config.layer) }),
  call: ({ run, weights, where }, x) => {
    if (x.rank < 3) {
      throw new NacreError({
        code: "SHAPE_MISMATCH",
        where,
        expected: "sequences [batch, time, ...features]",
        received: formatShape(x.shape),
        fix: "add a time axis with reshape",
      });
    }
    const [batch, time, ...sample] = x.shape;
    const y = run(weights.layer, reshape(x, [symbolicSize([batch!, time!]), ...sample]));
    return reshape(y, [batch!, time!, ...y.shape.slice(1)]);
  },
  mask: "pass",
});
