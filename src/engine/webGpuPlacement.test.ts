import { expect, it, vi } from "vitest";
import { placementOf, readLog, routeLog } from "./webGpuPlacement.js";

const log = (text: string): string => `[V:onnxruntime:, session_state.cc:1385 VerifyEachNodeIsAssignedToAnEp] ${text}`;

it("counts nodes by place, and names the ops left to the CPU", () => {
  const lines = [
    "[I:onnxruntime:, graph.cc:5673 CleanUnusedInitializersAndNodeArgs] Removing NodeArg 'x'.",
    log(" Node(s) placed on [CPUExecutionProvider]. Number of nodes: 3"),
    log("  BitShift (BitShift_28)"),
    log("  LogSoftmax (LogSoftmax_3)"),
    log("  BitShift (BitShift_31)"),
    log(" Node(s) placed on [WebGpuExecutionProvider]. Number of nodes: 2"),
    log("  Add (Add_1)"),
    log("  MatMul (MatMul_2)"),
  ];
  expect(placementOf(lines)).toEqual({ gpuNodes: 2, cpuNodes: 3, cpuOps: { BitShift: 2, LogSoftmax: 1 } });
  const all = [log(" All nodes placed on [WebGpuExecutionProvider]. Number of nodes: 7")];
  expect(placementOf(all)).toEqual({ gpuNodes: 7, cpuNodes: 0, cpuOps: {} });
  expect(placementOf(["something else"])).toBeUndefined();
});

it("reads the log of who took hold of the console, and leaves the console as it was", async () => {
  const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const before = console.error;
  const bound = await routeLog(async () => console.error.bind(console));
  expect(console.error).toBe(before);
  const { result, lines } = await readLog(async () => {
    bound("seen", 1);
    return 5;
  });
  expect([result, lines]).toEqual([5, ["seen 1"]]);
  bound("for the user");
  expect(error.mock.calls).toEqual([["for the user"]]);
});
