import { blockSize, probeBlocks } from "../lower/cpu/blocked/probe.js";
import { blockedRules } from "../lower/cpu/blocked/index.js";
import type { Rule } from "../lower/rule.js";
import type { Engine } from "./engine.js";
import { programOf } from "./program.js";

/**
 * The rules for images in blocks of channels, of the size that the engine's library and processor
 * use; none where it has no such layout.
 */
export async function findBlockedRules(engine: Engine): Promise<readonly Rule[]> {
  const { graph, image } = probeBlocks();
  try {
    const executable = await engine.load(programOf(graph));
    const [result] = await executable.run([image]);
    executable.dispose();
    const size = blockSize((await result!.read()) as Float32Array);
    return size === undefined ? [] : blockedRules(size);
  } catch {
    return [];
  }
}
