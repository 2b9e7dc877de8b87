import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as schedules from "./index.js";

/** By scripts/fixtures/schedules.py. */
const stored = JSON.parse(readFileSync(new URL("schedules.fixtures.json", import.meta.url), "utf8")) as Record<string, readonly number[]>;

const FROM_KERAS = /Decay/;
const initialLearningRate = 0.3;
const decay = { initialLearningRate, decaySteps: 7, decayRate: 0.6 };
const cycle = { baseLearningRate: 0.1, maxLearningRate: 0.7, stepSizeUp: 4, stepSizeDown: 7 };
const shrinking = schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.8 });
const SCHEDULES: Readonly<Record<string, schedules.Schedule>> = {
  exponentialDecay: schedules.exponentialDecay(decay),
  "exponentialDecay, staircase": schedules.exponentialDecay({ ...decay, staircase: true }),
  piecewiseConstantDecay: schedules.piecewiseConstantDecay({ boundaries: [3, 11], values: [0.5, 0.2, 0.1] }),
  polynomialDecay: schedules.polynomialDecay({ initialLearningRate, decaySteps: 15, endLearningRate: 0.02, power: 1.5 }),
  "polynomialDecay, cycle": schedules.polynomialDecay({ initialLearningRate, decaySteps: 15, endLearningRate: 0.02, power: 2, cycle: true }),
  inverseTimeDecay: schedules.inverseTimeDecay(decay),
  "inverseTimeDecay, staircase": schedules.inverseTimeDecay({ ...decay, staircase: true }),
  cosineDecay: schedules.cosineDecay({ initialLearningRate, decaySteps: 20, alpha: 0.1 }),
  "cosineDecay, warm-up": schedules.cosineDecay({ initialLearningRate: 0.05, decaySteps: 20, alpha: 0.1, warmupTarget: 0.4, warmupSteps: 6 }),
  cosineDecayRestarts: schedules.cosineDecayRestarts({ initialLearningRate, firstDecaySteps: 5, tMul: 2, mMul: 0.7, alpha: 0.1 }),
  oneCycle: schedules.oneCycle({ maxLearningRate: 0.5, totalSteps: 40 }),
  "oneCycle, linear": schedules.oneCycle({ maxLearningRate: 0.5, totalSteps: 30, pctStart: 0.4, annealStrategy: "linear", divFactor: 10, finalDivFactor: 100 }),
  cyclic: schedules.cyclic(cycle),
  "cyclic, triangular2": schedules.cyclic({ ...cycle, mode: "triangular2" }),
  "cyclic, expRange": schedules.cyclic({ baseLearningRate: 0.1, maxLearningRate: 0.7, stepSizeUp: 6, mode: "expRange", gamma: 0.95 }),
  sequential: schedules.sequential({
    schedules: [0.25, shrinking, schedules.polynomialDecay({ initialLearningRate: 1, decaySteps: 10, endLearningRate: 0 })],
    milestones: [5, 20],
  }),
  warmUp: schedules.warmUp({ steps: 8, schedule: shrinking, initialLearningRate: 0.2 }),
};

describe("schedules", () => {
  it("warm up in a straight line, then fall to alpha and stay there", () => {
    const schedule = schedules.cosineDecay({ initialLearningRate: 0, warmupTarget: 1, warmupSteps: 4, decaySteps: 6, alpha: 0.1 });
    expect([0, 2, 4, 7, 10, 99].map((step) => schedule.at(step))).toEqual(
      [0, 0.5, 1, 0.55, 0.1, 0.1].map((rate) => expect.closeTo(rate, 12)),
    );
  });

  it("restart at the very step, however long", () => {
    const schedule = schedules.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 3, tMul: 2, mMul: 0.5 });
    // Periods end at 3, 9, 21, 45, …: 3 · (2ⁿ − 1).
    for (let n = 0; n < 20; n++) expect(schedule.at(3 * (2 ** n - 1))).toBe(0.5 ** n);
    const even = schedules.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 3, tMul: 1 });
    expect([even.at(3e9), even.at(3e9 + 1)]).toEqual([1, expect.closeTo(0.75, 6)]);
  });

  it("cycle a polynomial", () => {
    const schedule = schedules.polynomialDecay({ initialLearningRate: 1, decaySteps: 4, endLearningRate: 0, cycle: true });
    expect([0, 4, 6, 8].map((step) => schedule.at(step))).toEqual([1, 0, 0.25, 0]);
  });

  it("stay between their first and last rate and never rise, where they only decay", () => {
    const rate = fc.double({ min: 1e-6, max: 10, noNaN: true });
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 5000 }), (initialLearningRate, decaySteps, share, step) => {
        const all = [
          schedules.exponentialDecay({ initialLearningRate, decaySteps, decayRate: share, staircase: true }),
          schedules.inverseTimeDecay({ initialLearningRate, decaySteps, decayRate: share }),
          schedules.cosineDecay({ initialLearningRate, decaySteps, alpha: share }),
          schedules.polynomialDecay({ initialLearningRate, decaySteps, endLearningRate: share * initialLearningRate }),
        ];
        for (const schedule of all) {
          const [now, next] = [schedule.at(step), schedule.at(step + 1)];
          // A relative 1e-12 is float64's rounding.
          expect(now).toBeLessThanOrEqual(initialLearningRate * (1 + 1e-12));
          expect(next).toBeLessThanOrEqual(now * (1 + 1e-12) + 1e-300);
        }
      }),
    );
  });

  it.each(Object.entries(SCHEDULES))("%s: each step as Keras or PyTorch has it", (name, schedule) => {
    const rates = stored[name]!;
    expect(rates.length).toBeGreaterThanOrEqual(30);
    // Keras computes in float32, with roots and powers; PyTorch's rates are float64.
    const digits = FROM_KERAS.test(schedule.className) ? 6 : 12;
    expect(rates.map((_, step) => schedule.at(step))).toEqual(rates.map((rate) => expect.closeTo(rate, digits)));
  });

  it("follow each other, and come back from files with what they hold", () => {
    const decay = schedules.exponentialDecay({ initialLearningRate: 0.8, decaySteps: 1, decayRate: 0.5 });
    const joined = schedules.sequential({ schedules: [0.1, schedules.warmUp({ steps: 4, schedule: decay, initialLearningRate: 0.4 })], milestones: [2] });
    const again = schedules.deserialize(JSON.parse(JSON.stringify(schedules.serialize(joined))) as never);
    for (const schedule of [joined, again]) {
      expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map((step) => schedule.at(step))).toEqual(
        [0.1, 0.1, 0.4, 0.5, 0.6, 0.7, 0.8, 0.4, 0.2].map((rate) => expect.closeTo(rate, 12)),
      );
    }
    expect(() => schedules.sequential({ schedules: [1, 2], milestones: [] })).toThrow(/1 rising steps/);
    expect(() => schedules.cyclic({ baseLearningRate: 0, maxLearningRate: 1, mode: "square" as "triangular" })).toThrow(/triangular2/);
    // One step upwards is the top itself.
    expect(schedules.oneCycle({ maxLearningRate: 1, totalSteps: 2, pctStart: 0.5 }).at(0)).toBe(1);
    expect(() => schedules.oneCycle({ maxLearningRate: 1, totalSteps: 10, pctStart: 1 })).toThrow(/between 0 and 1/);
  });

  it("come back from their stored form", () => {
    const schedule = schedules.piecewiseConstantDecay({ boundaries: [2, 4], values: [3, 2, 1] });
    const again = schedules.deserialize(JSON.parse(JSON.stringify(schedules.serialize(schedule))) as never);
    expect([0, 2, 3, 4, 5].map((step) => again.at(step))).toEqual([3, 3, 2, 2, 1]);
  });

  it("refuse missing and impossible options", () => {
    expect(() => schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 2 } as never)).toThrow(/option decayRate/);
    expect(() => schedules.cosineDecay({ initialLearningRate: 1, decaySteps: 0 })).toThrow(/above 0/);
    expect(() => schedules.piecewiseConstantDecay({ boundaries: [1], values: [1] })).toThrow(/2 rates/);
  });

  it("may be one's own", () => {
    const halving = schedules.defineSchedule<{ first: number }>({
      className: "HalvingForTest",
      required: ["first"],
      defaults: {},
      at: (step, { first }) => first / 2 ** step,
    });
    expect(schedules.get(schedules.serialize(halving({ first: 8 }))).at(2)).toBe(2);
  });
});
