import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as schedules from "./index.js";

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

  // Rates by PyTorch 2.13 (OneCycleLR, CyclicLR), float64.
  it.each([
    [schedules.oneCycle({ maxLearningRate: 0.5, totalSteps: 30 }), [0, 1, 5, 8, 9, 10, 20], [0.02, 0.03826891219729123, 0.3518440237676215, 0.5, 0.49720771772545586, 0.4888932458737294, 0.19437098903185537]],
    [
      schedules.oneCycle({ maxLearningRate: 0.5, totalSteps: 30, pctStart: 0.4, annealStrategy: "linear", divFactor: 10, finalDivFactor: 100 }),
      [0, 3, 11, 12, 20, 28],
      [0.05, 0.17272727272727273, 0.5, 0.47225, 0.25025, 0.02825],
    ],
    [
      schedules.cyclic({ baseLearningRate: 0.1, maxLearningRate: 0.7, stepSizeUp: 4, stepSizeDown: 7 }),
      [0, 1, 4, 5, 6, 9, 11, 12, 17, 23],
      [0.1, 0.25, 0.7, 0.6142857142857142, 0.5285714285714287, 0.2714285714285713, 0.1, 0.25, 0.5285714285714287, 0.25],
    ],
    [
      schedules.cyclic({ baseLearningRate: 0.1, maxLearningRate: 0.7, stepSizeUp: 4, stepSizeDown: 7, mode: "triangular2" }),
      [0, 11, 12, 17, 23],
      [0.1, 0.1, 0.175, 0.31428571428571433, 0.1375],
    ],
    [
      schedules.cyclic({ baseLearningRate: 0.1, maxLearningRate: 0.7, stepSizeUp: 4, stepSizeDown: 7, mode: "expRange", gamma: 0.9 }),
      [1, 4, 5, 12, 23],
      [0.235, 0.49366, 0.4036805714285714, 0.14236443047214997, 0.11329440717947875],
    ],
  ])("rise and fall as PyTorch's", (schedule, steps, rates) => {
    expect(steps.map((step) => schedule.at(step))).toEqual(rates.map((rate) => expect.closeTo(rate, 12)));
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
