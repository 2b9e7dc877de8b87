import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * What to put before a command so that it and all its threads share as many processors as they may
 * have threads. Not every peer has a setting for that, so on Linux the system sees to it.
 */
export function pinning(threads: number): readonly string[] {
  if (process.platform !== "linux" || availableParallelism() <= threads) return [];
  try {
    const chosen = new Map<string, number>();
    for (const cpu of allowedProcessors()) {
      // Two hardware threads of one core would not be two processors' worth.
      const core = readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, "utf8");
      if (!chosen.has(core)) chosen.set(core, cpu);
    }
    const command = ["taskset", "-c", [...chosen.values()].slice(0, threads).join()];
    execFileSync(command[0]!, [...command.slice(1), "true"]);
    return command;
  } catch {
    console.error("Cannot pin processes to processors: peers without a setting for threads use all.");
    return [];
  }
}

/** The numbers of the processors that this process may use. */
function allowedProcessors(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/mu.exec(readFileSync("/proc/self/status", "utf8"))![1]!;
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
