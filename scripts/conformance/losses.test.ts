import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import "../../src/testing/engine.js";
import type { Outcome } from "./format.js";
import { run } from "./losses.js";

const file = JSON.parse(readFileSync(new URL("../../conformance/losses.json", import.meta.url), "utf8")) as Parameters<typeof run>[0];

describe("losses agree with Keras", () => {
  it("in every stored case of a class that we have", async () => {
    const outcomes: Outcome[] = [];
    for await (const outcome of run(file)) outcomes.push(outcome);
    expect(outcomes.filter(({ status }) => status === "failed")).toEqual([]);
    expect(outcomes.filter(({ status }) => status === "skipped").map(({ name }) => name)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(20);
  });
});
