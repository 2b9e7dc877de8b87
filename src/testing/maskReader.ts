import { defineLayer } from "../layers/define.js";
import { cast } from "../ops/elementwise/cast.js";
import { ones } from "../ops/shape/fill.js";

/** Gives the mask that travels with its input: 1 for a valid step, and for all where there is none. [B,T,...] → [B,T] */
export const maskReader = defineLayer({
  className: "MaskReader",
  defaults: {},
  call: ({ masks: [mask] }, x) => (mask === undefined ? ones(x.shape.slice(0, 2)) : cast(mask, "float32")),
});
