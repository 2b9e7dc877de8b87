// Opens one hostile ONNX file and says how long that took, and by how much the process grew at most.
import "../../src/index.node.js";
import { layers, sequential } from "../../src/index.js";
import { HOSTILE_ONNX } from "../../src/testing/hostileOnnx.js";
import { openOnnx } from "../../src/testing/mutateOnnx.js";

const bytes = HOSTILE_ONNX[process.argv[2]!]!();
// The reader is loaded when it is first used.
await openOnnx(await sequential([layers.input([1]), layers.flatten()]).toOnnx());
globalThis.gc?.();
const before = process.memoryUsage().rss;
const mark = process.resourceUsage().maxRSS;
const begin = performance.now();
const opened = await openOnnx(bytes);
const ms = performance.now() - begin;
const highest = process.resourceUsage().maxRSS;
// A mark that has not moved comes from making the file.
const grown = Math.max(process.memoryUsage().rss, highest > mark ? highest * 1024 : 0) - before;
console.log(JSON.stringify({ ms, grown, opened }));
