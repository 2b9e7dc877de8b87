import { NacreError, checkOptions, unknownName } from "../error.js";
import { RULE_NAMES, type RuleName } from "../lower/rule.js";
import type { Engine } from "./engine.js";
import type { Placement } from "./webGpuPlacement.js";

/** How programs run. What is left out is chosen by what the place offers. */
export interface EngineOptions {
  /**
   * In Node `"native"` (ONNX Runtime's C API), `"binding"` (its JavaScript binding) or `"wasm"`
   * (needs the package onnxruntime-web); in browsers `"wasm"` or `"webgpu"`. Default: in Node the
   * first of these that loads, in browsers `"wasm"`.
   */
  readonly kind?: Engine["name"];
  /**
   * Threads that one run may use, at least 1; with WebGPU by what it leaves to the CPU. Default: one a physical
   * core, in browsers at most 4, and 1 on pages that are not cross-origin isolated.
   */
  readonly threads?: number;
  /**
   * Microseconds for which an idle native thread waits actively for work before it sleeps; 0 for not at all. Much
   * longer makes programs several times slower when other processes compete. Default 100.
   */
  readonly spinUs?: number;
  /**
   * Called for each program that WebGPU opens, with how many of its nodes run on the GPU and which
   * run on the CPU. Costs up to a second a program. Default none.
   */
  readonly onPlacement?: (placement: Placement) => void;
  /** Names of rewrite rules to leave out, such as `"blocked"`: to find out what they are worth, or whether one is to blame. Default none. */
  readonly withoutRules?: readonly RuleName[];
}

/** Refuses options that no engine of this place understands. */
export function checkEngineOptions(where: string, options: EngineOptions, kinds: readonly Engine["name"][]): void {
  checkOptions(where, options, ["kind", "threads", "spinUs", "onPlacement", "withoutRules"]);
  const { kind, threads, spinUs, withoutRules = [] } = options;
  for (const name of withoutRules) if (!RULE_NAMES.includes(name)) throw unknownName(where, "rule", name, RULE_NAMES);
  if (kind !== undefined && !kinds.includes(kind)) throw unknownName(where, "kind", kind, kinds);
  checkWhole(`${where}, threads`, threads, 1);
  checkWhole(`${where}, spinUs`, spinUs, 0);
}

function checkWhole(where: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return;
  throw new NacreError({ code: "BAD_ARGUMENT", where, expected: `a whole number of at least ${least}`, received: String(value) });
}
