import { describe, expect, it } from "vitest";
import { readFixtures } from "../../testing/fixtures.js";
import { opTests } from "../../testing/opTest.js";
import { ones } from "../shape/fill.js";
import * as signal from "./index.js";

const fixtures = readFixtures(new URL("./signal.fixtures.json", import.meta.url));
const eight = { frameLength: 8, frameStep: 4 };

opTests(signal, fixtures, {
  frames: [
    { name: "overlapping", call: (x) => signal.frames(x, 4, 2), freeBatch: true },
    { name: "gaps between", call: (x) => signal.frames(x, 2, 3) },
  ],
  powerSpectrogram: [{ name: "centred", call: (x) => signal.powerSpectrogram(x, eight), freeBatch: true }],
  spectrogram: [
    { name: "centred", call: (x) => signal.spectrogram(x, eight), freeBatch: true },
    { name: "silence", call: (x) => signal.spectrogram(x, eight), differences: "none" },
  ],
  stft: [
    { name: "centred", call: (x) => signal.stft(x, { frameLength: 8, frameStep: 3 }), freeBatch: true },
    {
      name: "not centred, no window",
      call: (x) => signal.stft(x, { frameLength: 6, frameStep: 2, window: null, center: false }),
    },
    { name: "filled up", call: (x) => signal.stft(x, { frameLength: 5, frameStep: 4, fftLength: 8, window: "hamming" }) },
    {
      name: "filled up, not centred, odd",
      call: (x) => signal.stft(x, { frameLength: 4, frameStep: 3, fftLength: 7, center: false }),
    },
  ],
});

describe("stft", () => {
  it("refuses frames that do not fit", () => {
    expect(() => signal.frames(ones([3]), 4, 1)).toThrow(/within 3 elements/);
    expect(() => signal.stft(ones([4]), { frameLength: 8, frameStep: 1 })).toThrow(/more than 4 samples/);
    expect(() => signal.stft(ones([9]), { frameLength: 8, frameStep: 1, fftLength: 4 })).toThrow(/an fftLength of at least/);
  });
});
