import { checkOptions } from "../../error.js";
import { badOption } from "../../options.js";
import type { Callback } from "../callback.js";
import { type Finding, findingsOf, type StepRecord } from "../findings.js";
import type { TypedArray } from "../../tensor/dtype.js";

/** Options of {@link diagnosis}. */
export interface DiagnosisOptions {
  /** Steps from one look to the next, at least 1. Default 100, which costs one to three hundredths of the time. */
  readonly every?: number;
  /** Is told of each finding once, as soon as it is known. Default none. */
  readonly onFinding?: (finding: Finding) => void;
}

/** A callback that watches a training's health. */
export interface Diagnosis extends Callback {
  /** What is wrong with the training so far, in words; empty when nothing is. */
  diagnose(): Finding[];
  /** What was measured. */
  readonly records: readonly StepRecord[];
}

/** Looks that are kept; of older ones every second goes. */
const MOST_RECORDS = 200;

/**
 * Looks into a training step now and then, at gradients, updates and dead units, and says in words
 * what is wrong: vanishing and exploding gradients, a learning rate that is too high or too low, dead
 * units, over- and underfitting.
 *
 * @throws BAD_ARGUMENT when `every` is no whole number of at least 1
 * @example
 * const health = callbacks.diagnosis({ onFinding: ({ message, fix }) => console.warn(message, fix) });
 * await model.fit(train, { epochs: 2, callbacks: [health] });
 * console.log(health.diagnose().map(({ kind }) => kind)); // []
 */
export function diagnosis(options: DiagnosisOptions = {}): Diagnosis {
  checkOptions("diagnosis", options, ["every", "onFinding"]);
  const { every = 100, onFinding } = options;
  if (!(Number.isInteger(every) && every >= 1)) throw badOption("diagnosis", "every", "a whole number of at least 1", every);
  let records: StepRecord[] = [];
  let curves: Record<string, number[]> = {};
  let before = new Map<string, TypedArray>();
  const told = new Set<string>();

  const diagnose = (): Finding[] => findingsOf(records, curves);
  const tell = (): void => {
    if (onFinding === undefined) return;
    for (const finding of diagnose()) {
      if (told.has(finding.kind)) continue;
      told.add(finding.kind);
      onFinding(finding);
    }
  };

  return {
    name: "diagnosis",
    inspectEvery: every,
    diagnose,
    get records() {
      return records;
    },
    reset() {
      records = [];
      curves = {};
      told.clear();
    },
    async onBeforeInspected({ model }) {
      before = new Map();
      for (const variable of model.trainableVariables) {
        if (variable.shape.length >= 2) before.set(model.pathOf(variable), await variable.read());
      }
    },
    async onInspected({ loss, gradients, dead }, { model, optimizer }) {
      const updates: Record<string, number> = {};
      for (const variable of model.trainableVariables) {
        const old = before.get(model.pathOf(variable));
        if (old === undefined) continue;
        const ratio = changeOf(old as Float32Array, (await variable.read()) as Float32Array);
        if (ratio !== undefined) updates[model.pathOf(variable)] = ratio;
      }
      before = new Map();
      records.push({ step: optimizer.step - 1, loss, gradients: Object.fromEntries(gradients), updates, dead: Object.fromEntries(dead) });
      if (records.length > MOST_RECORDS) records = records.filter((_, i) => i % 2 === 0);
      tell();
    },
    onEpochEnd(_epoch, logs) {
      for (const [name, value] of Object.entries(logs)) (curves[name] ??= []).push(value);
      tell();
    },
    state: () => ({ values: { records: [...records], curves: { ...curves } } }),
    restore({ values }) {
      records = [...(values["records"] as StepRecord[])];
      curves = Object.fromEntries(Object.entries(values["curves"] as Record<string, number[]>).map(([name, list]) => [name, [...list]]));
    },
  };
}

/** ‖after − before‖ / ‖before‖; undefined for a weight that was all zeros. */
function changeOf(before: Float32Array, after: Float32Array): number | undefined {
  let [change, size] = [0, 0];
  // A plain loop: these are all weights of the model, and steps wait.
  for (let i = 0; i < before.length; i++) {
    const [value, difference] = [before[i]!, after[i]! - before[i]!];
    size += value * value;
    change += difference * difference;
  }
  return size === 0 ? undefined : Math.sqrt(change / size);
}
