import { stack, unstack } from "../../ops/shape/concat.js";
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
 * A layer applied to each step of sequences by itself: batch normalization has the statistics of one step at a time.
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
  call: ({ masks, run, trainable, training, weights, where }, x) => {
    if (x.rank < 3) {
      throw new NacreError({
        code: "SHAPE_MISMATCH",
        where,
        expected: "sequences [batch, time, ...features]",
        received: formatShape(x.shape),
        fix: "add a time axis with reshape",
      });
    }
    if (training && trainable && dependsOnRows(weights.layer)) {
      // One call a step, so that rows of other steps do not count.
      const valid = masks[0] && unstack(masks[0], 1);
      return stack(unstack(x, 1).map((step, t) => run(weights.layer, step, valid && { mask: valid[t] })), 1);
    }
    const [batch, time, ...sample] = x.shape;
    const y = run(weights.layer, reshape(x, [symbolicSize([batch!, time!]), ...sample]));
    return reshape(y, [batch!, time!, ...y.shape.slice(1)]);
  },
  mask: "pass",
});

/** Whether the layer, or one inside it, looks at other rows of a batch while it trains. */
function dependsOnRows(layer: Layer): boolean {
  return layer.trainable && (layer.definition.acrossRows === true || [...layer.inner.keys()].some(dependsOnRows));
}
