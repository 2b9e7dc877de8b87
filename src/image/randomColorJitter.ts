import type { LayerFactory } from "../layers/define.js";
import { defineLayer } from "../layers/define.js";
import { oneOf } from "../layers/options.js";
import { DATA_FORMATS } from "../layers/spatial.js";
import { IMAGE_DEFAULTS, type ImageOptions, withChannelsLast } from "./augmentation.js";
import { randomBrightness } from "./randomBrightness.js";
import { randomContrast } from "./randomContrast.js";
import { randomHue } from "./randomHue.js";
import { randomSaturation } from "./randomSaturation.js";
import { BYTES, type Range, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomColorJitter}. */
export interface RandomColorJitterOptions extends ImageOptions {
  /** Least and greatest value of a pixel. Default [0, 255]. */
  readonly valueRange?: ValueRange;
  /** As of {@link randomBrightness}; null for none. Default null. */
  readonly brightnessFactor?: Range | null;
  /** As of {@link randomContrast}; null for none. Default null. */
  readonly contrastFactor?: Range | null;
  /** As of {@link randomSaturation}; null for none. Default null. */
  readonly saturationFactor?: Range | null;
  /** As of {@link randomHue}; null for none. Default null. */
  readonly hueFactor?: Range | null;
}

/** The layers inside, in the order in which they act. */
const PARTS = [
  ["brightness", randomBrightness],
  ["contrast", randomContrast],
  ["saturation", randomSaturation],
  ["hue", randomHue],
] as const;

/**
 * While training, changes brightness, contrast, saturation and hue of each image, one after the
 * other.
 *
 * @shape [B,H,W,3] → [B,H,W,3]
 * @throws BAD_ARGUMENT when a factor is out of its bounds
 * @example
 * const jitter = randomColorJitter({ valueRange: [0, 1], brightnessFactor: 0.2, hueFactor: 0.05 });
 * const model = sequential([layers.input([8, 8, 3]), jitter, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomColorJitter: LayerFactory<RandomColorJitterOptions> = defineLayer({
  className: "RandomColorJitter",
  defaults: {
    valueRange: BYTES,
    brightnessFactor: null as Range | null,
    contrastFactor: null as Range | null,
    saturationFactor: null as Range | null,
    hueFactor: null as Range | null,
    ...IMAGE_DEFAULTS,
  },
  check: (config, at) => {
    const checked = {
      ...config,
      dataFormat: oneOf(at, "dataFormat", config.dataFormat, DATA_FORMATS),
      valueRange: valueRangeOf(at, config.valueRange),
    };
    // Each part refuses a wrong factor.
    for (const [name, make] of PARTS) {
      const factor = checked[`${name}Factor`];
      if (factor !== null) make({ factor, valueRange: checked.valueRange });
    }
    return checked;
  },
  build: ({ config, addLayer }) =>
    Object.fromEntries(
      PARTS.flatMap(([name, make]) => {
        const factor = config[`${name}Factor`];
        return factor === null ? [] : [[name, addLayer(`random_${name}`, make({ factor, valueRange: config.valueRange }))]];
      }),
    ),
  call: ({ config, where, weights, run }, x) =>
    withChannelsLast(x, where, config.dataFormat, (images) => Object.values(weights).reduce((y, part) => run(part!, y), images)),
  mask: "pass",
});
