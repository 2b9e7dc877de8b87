import { describe, expect, test } from "vitest";
import { readOptions } from "./options.js";
import { measure } from "./peers/nacre.js";
import { jsonLines, outcomeOf } from "./result.js";
import { formatTable } from "./table.js";
import type { Report } from "./workload.js";
import { workloads } from "./workloads/index.js";

const [small] = workloads;
const report = (fields: Partial<Report>): Report => ({
  times_ms: [4, 2, 3],
  first_step_s: 0.5,
  peak_rss_mb: 100,
  parameters: small!.parameters,
  loss: 2.3,
  ...fields,
});

describe("outcomes", () => {
  test("rounds are pooled, and the longest start and largest memory count", () => {
    const second = report({ times_ms: [1, 9, 5], first_step_s: 0.25, peak_rss_mb: 120.06 });
    const outcome = outcomeOf("torch", small!, [report({}), second]);
    const result = { peer: "torch", workload: "mlp-small", median_ms: 3.5, min_ms: 1, first_step_s: 0.5, peak_rss_mb: 120.1 };
    expect(outcome).toEqual({ peer: "torch", result, steps: 6 });
  });

  test.each([
    ["another network", report({ parameters: 7 }), "built 7 parameters, not 5706"],
    ["a loss that is no number", report({ loss: Number.NaN }), "the loss is no number"],
    ["a failure", "no such kernel", "no such kernel"],
  ])("%s is no result", (_name, second, reason) => {
    expect(outcomeOf("torch", small!, [report({}), second])).toEqual({ peer: "torch", reason });
  });

  test("--json has one object a line, for results only", () => {
    const outcomes = [outcomeOf("nacre", small!, [report({})]), outcomeOf("jax-js", small!, ["not here"])];
    expect(jsonLines(outcomes)).toBe(
      '{"peer":"nacre","workload":"mlp-small","median_ms":3,"min_ms":2,"first_step_s":0.5,"peak_rss_mb":100}\n',
    );
  });

  test("the table sets times against nacre's and shows reasons", () => {
    const outcomes = [
      outcomeOf("nacre", small!, [report({})]),
      outcomeOf("torch", small!, [report({ times_ms: [7.5, 0.25, 9000] })]),
      outcomeOf("jax-js", small!, ["not here"]),
    ];
    expect(formatTable(small!, outcomes).split("\n")).toEqual([
      "mlp-small: batch 32, 5,706 parameters",
      "peer    median ms  min ms  first step s  peak RSS MB  steps  time / nacre",
      "nacre        3.00    2.00          0.50          100      3          1.00",
      "torch        7.50   0.250          0.50          100      3          2.50",
      "jax-js  not here",
    ]);
  });
});

describe("options", () => {
  test("choose workloads and peers in their fixed order, and an exact number of steps", () => {
    const options = readOptions(["--workloads", "convnet,mlp", "--peers", "torch,nacre", "--steps", "7"]);
    expect(options.workloads).toEqual(["mlp", "convnet"]);
    expect(options.peers).toEqual(["nacre", "torch"]);
    expect(options.measuring).toMatchObject({ steps: 7, seconds: 0 });
  });

  test("unknown names and counts are refused", () => {
    expect(() => readOptions(["--peers", "caffe"])).toThrow('"caffe" is none of nacre, torch');
    expect(() => readOptions(["--steps", "0"])).toThrow("no whole number");
  });
});

describe("nacre", () => {
  test.each(workloads.map((workload) => [workload.name, workload] as const))("%s has the stated size", (_name, workload) => {
    const model = workload.build();
    expect(model.trainableVariables.reduce((sum, { size }) => sum + size, 0)).toBe(workload.parameters);
  });

  test("three steps of mlp-small end with a finite loss", async () => {
    const job = { peer: "nacre", workload: small!, threads: 2, batches: 2, steps: 3, seconds: 0, limit: 60, without: [] };
    const { clock, parameters, loss } = await measure(job);
    expect(clock.times_ms).toHaveLength(3);
    expect(clock.first_step_s).toBeGreaterThan(0);
    expect(parameters).toBe(small!.parameters);
    expect(loss).toSatisfy(Number.isFinite);
  });
});
