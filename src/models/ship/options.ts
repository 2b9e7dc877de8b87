import type { Dataset } from "../../data/index.js";
import { NacreError, checkOptions, unknownName } from "../../error.js";
import { badOption, requireOptions } from "../../options.js";
import type { PathPattern } from "../../train/pattern.js";
import { GRAPH_OPTIONS, type OnnxOptions } from "../export/options.js";
import type { ArraySet } from "../fitData.js";
import { RANGE_METHODS, type RangeMethod } from "./ranges.js";

const KINDS = ["int8", "dynamicInt8", "float16", "int8Weights", "float16Weights"] as const;

/**
 * What becomes of a model:
 * - `"int8"`: convolutions, matrix products and what lies between convolutions compute with 8-bit
 *   numbers, whose ranges `calibration` tells;
 * - `"dynamicInt8"`: matrix products do, with ranges found anew in each run; needs no data;
 * - `"float16"`: weights and most operators are half floats, between float32 inputs and outputs;
 * - `"int8Weights"`, `"float16Weights"`: a smaller file that computes in float32.
 */
export type QuantizeKind = (typeof KINDS)[number];

/** Options of {@link quantize}. */
export interface QuantizeOptions {
  /** What becomes of the model: which numbers it computes with, or is stored as. */
  readonly kind: QuantizeKind;
  /** Rows like those that the model will see, for `"int8"`; labels are not needed. Up to 512 of them are drawn. */
  readonly calibration?: Dataset | ArraySet;
  /**
   * How calibration chooses the range of a value: its extremes, all but some of the values, or where
   * the 8-bit distribution is nearest to the float one. Default `"percentile"`.
   */
  readonly range?: RangeMethod;
  /** The share of values within the range with `"percentile"`, above 50 and at most 100. Default 99.99. */
  readonly percentile?: number;
  /** Data with labels on which both models are judged, by the loss and the metrics of `compile`. */
  readonly evaluate?: Dataset | ArraySet;
  /** How much worse a result may become, by name, such as `{ accuracy: 0.01 }`; nothing is written otherwise. Needs `evaluate`. */
  readonly maxLoss?: Readonly<Record<string, number>>;
  /** Weights that stay float32, with their operators, by name or pattern, such as `"dense/**"`. Default none. */
  readonly exclude?: PathPattern | readonly PathPattern[];
  /** The file to write. Default: none, the report holds the bytes. */
  readonly path?: string;
  /** What the file says of itself, and its names and version, as in `model.toOnnx`; inputs and outputs stay the model's own. */
  readonly export?: Omit<OnnxOptions, "labels" | "prepare">;
  /** Whether to measure how long predictions take. Default true. */
  readonly measureSpeed?: boolean;
  /** Aborting ends it before anything is written. */
  readonly signal?: AbortSignal;
}

/** Refuses options that are wrong or do not go together. */
export function checkQuantizeOptions(where: string, options: QuantizeOptions): void {
  checkOptions(where, options, ["kind", "calibration", "range", "percentile", "evaluate", "maxLoss", "exclude", "path", "export", "measureSpeed", "signal"]);
  requireOptions(where, options, ["kind"]);
  if (options.export !== undefined) checkOptions(`${where}, option export`, options.export, GRAPH_OPTIONS.filter((name) => name !== "labels"));
  const { kind, calibration, range = "percentile", percentile = 99.99, evaluate, maxLoss } = options;
  if (!KINDS.includes(kind)) throw unknownName(where, "kind", String(kind), KINDS);
  if (!RANGE_METHODS.includes(range)) throw unknownName(where, "range", String(range), RANGE_METHODS);
  if (!(percentile > 50 && percentile <= 100)) throw badOption(where, "percentile", "a number above 50, up to 100", percentile);
  if (kind === "int8" && calibration === undefined) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: `${where}, option calibration`,
      expected: "data, from which the ranges of 8-bit numbers are taken",
      received: "none",
      fix: 'pass calibration: train, or take kind: "dynamicInt8", which needs none',
    });
  }
  if (kind !== "int8" && calibration !== undefined) throw badOption(where, "calibration", `none with the kind "${kind}"`, "data");
  if (maxLoss === undefined) return;
  if (evaluate === undefined) throw badOption(where, "maxLoss", "the option evaluate beside it", maxLoss);
  for (const [name, bound] of Object.entries(maxLoss)) if (!(bound >= 0)) throw badOption(where, `maxLoss.${name}`, "a number of at least 0", bound);
}
