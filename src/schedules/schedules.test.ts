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
