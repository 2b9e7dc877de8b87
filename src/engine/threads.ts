import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

/** Threads that are worth having: one a physical core, within what the process may use. */
export function usableCores(): number {
  return Math.max(1, Math.min(physicalCores(), availableParallelism(), cpuQuota()));
}

function physicalCores(): number {
  const logical = cpus().length;
  if (process.platform !== "linux") return process.arch === "x64" ? Math.ceil(logical / 2) : logical;
  try {
    const cores = new Set<string>();
    for (let cpu = 0; cpu < logical; cpu++) {
      cores.add(readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, "utf8"));
    }
    return cores.size;
  } catch {
    return logical;
  }
}

/** The share of processor time that a Linux container may take, in cores. */
function cpuQuota(): number {
  try {
    const [quota, period] = readFileSync("/sys/fs/cgroup/cpu.max", "utf8").split(" ").map(Number);
    return quota! > 0 && period! > 0 ? Math.ceil(quota! / period!) : Infinity;
  } catch {
    return Infinity;
  }
}
