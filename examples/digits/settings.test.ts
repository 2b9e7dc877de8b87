import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { makeFolder, readSettings } from "./settings.js";
import { Stop } from "./stop.js";
import { stopwatch } from "./stopwatch.js";

test("settings are read, with defaults", () => {
  expect(readSettings([])).toEqual({ seeds: [1], fast: false, out: "out" });
  expect(readSettings(["--seeds", "3, 4", "--fast", "--out", "there"])).toEqual({ seeds: [3, 4], fast: true, out: "there" });
  expect(readSettings(["--seed=-2"]).seeds).toEqual([-2]);
});

test.each(["--seeds=", "--seeds=1,,2", "--seeds=1.5", "--seed=abc", "--seed=1e3", "--sed=1", "--seed", "more"])("%s is refused in one line", (argument) => {
  expect(() => readSettings([argument])).toThrow(expect.objectContaining({ message: expect.stringMatching(/^[^\n]+Options: --seed 1[^\n]+\.$/) as unknown }));
  expect(() => readSettings([argument])).toThrow(Stop);
});

test("a folder that cannot be made is refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nacre-digits-"));
  try {
    await makeFolder(join(folder, "a", "b"));
    await writeFile(join(folder, "file"), "");
    await expect(makeFolder(join(folder, "file"))).rejects.toThrow(Stop);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a stopwatch goes on from what a checkpoint holds, and begins anew without one", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const context = undefined as never;
    const first = stopwatch();
    first.reset!();
    void first.onTrainBegin!(context);
    vi.advanceTimersByTime(4000);
    const second = stopwatch();
    second.restore!(first.state!());
    vi.advanceTimersByTime(60_000);
    void second.onTrainBegin!(context);
    vi.advanceTimersByTime(2000);
    expect(second.seconds()).toBeCloseTo(6, 6);
    second.reset!();
    void second.onTrainBegin!(context);
    expect(second.seconds()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
