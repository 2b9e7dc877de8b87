// ONNX's own tests of operators: each model is imported, exported again and run by ONNX Runtime.
//   npm run conformance:onnx -- [FOLDER [PART OF A NAME]]
// Where the folder is empty or not given, a Python with the package onnx writes the tests first.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import "../../src/index.node.js";
import { importOnnx } from "../../src/models/importOnnx.js";
import { arrayFrom } from "../../src/onnx/import/initializer.js";
import { type TensorProto, decodeModel } from "../../src/onnx/proto.js";
import { readTensor } from "../../src/onnx/protoReadTensor.js";
import { WireReader } from "../../src/onnx/protoWire.js";
import { writeTests } from "./python.js";

/** What kernels of different makers leave over. */
const TOLERANCE = { absolute: 1e-5, relative: 1e-3 };

type Result = { readonly status: "passed" | "not by ONNX Runtime" } | { readonly status: "failed"; readonly reason: string };

function tensors(folder: string, kind: string): TensorProto[] {
  const found: TensorProto[] = [];
  for (let i = 0; existsSync(join(folder, `${kind}_${i}.pb`)); i++) {
    found.push(readTensor(new WireReader(new Uint8Array(readFileSync(join(folder, `${kind}_${i}.pb`))), `${kind} ${i}`)));
  }
  return found;
}

/** The largest error as a multiple of the tolerance; infinite where shapes differ. */
function errorOf(got: OrtTensor, want: TensorProto): number {
  const wanted = arrayFrom(want);
  const data = got.data as ArrayLike<number | bigint>;
  if (got.dims.join() !== want.shape.join() || data.length !== wanted.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [Number(data[i]), Number(wanted[i])];
    if (Object.is(a, b) || a === b) continue;
    const error = Math.abs(a - b) / (TOLERANCE.absolute + TOLERANCE.relative * Math.abs(b));
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  }
  return worst;
}

async function runBytes(bytes: Uint8Array, inputs: readonly TensorProto[], outputs: readonly TensorProto[]): Promise<number> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const feeds = inputs
    .map((tensor, i): [string, OrtTensor] => [session.inputNames[i]!, new OrtTensor(tensor.dtype as "float32", arrayFrom(tensor) as never, tensor.shape)])
    .filter(([name]) => name !== undefined);
  const results = await session.run(Object.fromEntries(feeds));
  return Math.max(0, ...outputs.map((want, i) => errorOf(results[session.outputNames[i]!]!, want)));
}

async function resultOf(folder: string): Promise<Result> {
  const bytes = readFileSync(join(folder, "model.onnx"));
  const [inputs, outputs] = [tensors(folder, "input"), tensors(folder, "output")];
  try {
    const exported = await (await importOnnx(bytes)).toOnnx();
    const error = await runBytes(exported, inputs, outputs);
    if (error <= 1) return { status: "passed" };
    return await isOwn(bytes, inputs, outputs) ? { status: "failed", reason: `off by ${error.toPrecision(3)} times the tolerance` } : { status: "not by ONNX Runtime" };
  } catch (error) {
    if (!(await isOwn(bytes, inputs, outputs))) return { status: "not by ONNX Runtime" };
    return { status: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether ONNX Runtime itself passes the test. */
async function isOwn(bytes: Uint8Array, inputs: readonly TensorProto[], outputs: readonly TensorProto[]): Promise<boolean> {
  try {
    return (await runBytes(bytes, inputs, outputs)) <= 1;
  } catch {
    return false;
  }
}

/** Tests whose operator ONNX writes out in others are listed apart: they test no operator of their own. */
const WRITTEN_OUT = "(written out)";

/** The share of plain tests below which this fails, in percent. */
const LEAST = 95;

interface Count {
  passed: number;
  all: number;
}

async function main(folder = join(tmpdir(), "nacre-onnx-tests"), part = ""): Promise<number> {
  if (!writeTests(folder)) return 0;
  const byOp = new Map<string, Count>();
  const plain: Count = { passed: 0, all: 0 };
  const counts = { passed: 0, failed: 0, "not by ONNX Runtime": 0 };
  for (const name of readdirSync(folder).filter((each) => each.includes(part)).toSorted()) {
    const result = await resultOf(join(folder, name));
    counts[result.status]++;
    if (result.status === "failed") console.log(`failed ${name}: ${result.reason.slice(0, 400)}`);
    if (result.status === "not by ONNX Runtime") continue;
    const passed = result.status === "passed" ? 1 : 0;
    const isPlain = !/_expanded(_|$)/.test(name);
    const add = (count: Count): Count => Object.assign(count, { all: count.all + 1, passed: count.passed + passed });
    for (const op of isPlain ? new Set(decodeOps(join(folder, name, "model.onnx"))) : [WRITTEN_OUT]) byOp.set(op, add(byOp.get(op) ?? { passed: 0, all: 0 }));
    if (isPlain) add(plain);
  }
  for (const [op, { passed, all }] of [...byOp].toSorted(([a], [b]) => a.localeCompare(b))) {
    console.log(`${op.padEnd(30)} ${String(passed).padStart(4)} of ${String(all).padStart(4)}  ${((passed / all) * 100).toFixed(0).padStart(3)} %`);
  }
  const share = (counts.passed / (counts.passed + counts.failed)) * 100;
  const plainShare = (plain.passed / plain.all) * 100;
  console.log(`${JSON.stringify(counts)}: ${share.toFixed(1)} % of what ONNX Runtime passes`);
  console.log(`plain tests, one operator each: ${plain.passed} of ${plain.all}, ${plainShare.toFixed(1)} %, ${[...byOp.keys()].filter((op) => op !== WRITTEN_OUT).length} operators`);
  return plainShare >= LEAST ? 0 : 1;
}

function decodeOps(path: string): string[] {
  try {
    return decodeModel(readFileSync(path)).graph.nodes.map(({ opType }) => opType);
  } catch {
    return ["(not read)"];
  }
}

process.exitCode = await main(process.argv[2], process.argv[3]);
