import type { Column } from "../../data/column.js";
import type { Dataset } from "../../data/index.js";
import { createEngine } from "../../engine/choice.js";
import { NacreError, wrongKind } from "../../error.js";
import { type ModelProto, decodeModel, encodeModel } from "../../onnx/proto.js";
import { allocate } from "../../tensor/dtype.js";
import { Feeder, noRows } from "../../train/feeds.js";
import { largerIsBetter } from "../../train/monitor.js";
import { matcher, noMatch } from "../../train/pattern.js";
import { toDataset } from "../fitData.js";
import { Model } from "../model.js";
import { absorb } from "./absorb.js";
import { calibrate, ranksOf } from "./calibrate.js";
import { computeHalf } from "./computeHalf.js";
import { coresOf, type Excluded } from "./cores.js";
import { Draft } from "./draft.js";
import { foldConstants } from "./foldConstants.js";
import { judge } from "./judge.js";
import { measureSpeed } from "./measureSpeed.js";
import { checkQuantizeOptions, type QuantizeOptions } from "./options.js";
import { type Host, OnnxProgram } from "./program.js";
import { quantizeLookups } from "./quantizeLookups.js";
import { planStatic, quantizeStatic } from "./quantizeStatic.js";
import { quantizeDynamic } from "./quantizeDynamic.js";
import { type Comparison, QuantizeReport } from "./report.js";
import { sinkTransposes } from "./sinkTransposes.js";
import { storeSmaller } from "./storeSmaller.js";
import { toGemm } from "./toGemm.js";

const CALIBRATION_ROWS = 512;
const CALIBRATION_BATCH = 16;
const EVALUATION_BATCH = 256;

/**
 * Makes a smaller and maybe faster ONNX file of a model, trained here or imported, which stays as it
 * is: tells size, speed and the loss in quality, and writes nothing where that is above the bound.
 *
 * @throws ABORTED when the signal was aborted
 * @throws BAD_ARGUMENT when options are wrong or do not go together
 * @throws LOSS_BOUND when a result becomes worse by more than `maxLoss` allows
 * @throws NOT_COMPILED when there are data to evaluate and the model has no metrics
 * @throws UNSUPPORTED when the model has no weights of which the kind makes something smaller
 * @throws UNKNOWN_NAME when `exclude` means no weight, or `maxLoss` names no result
 * @example
 * await model.fit(train, { epochs: 3, verbose: "silent" });
 * const report = await quantize(model, { kind: "int8", calibration: train, evaluate: test, maxLoss: { accuracy: 0.05 }, path: "out/digits.int8.onnx" });
 * console.log(String(report));
 */
export async function quantize(model: Model, options: QuantizeOptions): Promise<QuantizeReport> {
  if (!(model instanceof Model)) throw wrongKind("quantize", "a model", model, "open files with load or importOnnx first");
  const where = `${model.where}, quantize`;
  checkQuantizeOptions("quantize", options);
  const { kind, path, maxLoss = {} } = options;
  const calibration = options.calibration === undefined ? undefined : toDataset("quantize calibration", options.calibration, model.inputNames);
  const evaluation = options.evaluate === undefined ? undefined : toDataset("quantize evaluate", options.evaluate, model.inputNames);
  const original = await model.toOnnx(options.export ?? {});
  const engine = await createEngine({ threads: 1 });
  const host = { engine, signal: options.signal };
  try {
    const float = decodeModel(original);
    const { graph, weights } = await smaller(model, float, host, options, calibration);
    if (weights.length === 0) throw nothingToDo(where, kind);
    const proto: ModelProto = { ...float, metadata: { ...float.metadata, quantization: kind }, graph };
    const bytes = encodeModel(proto);
    const [before, after] = [new OnnxProgram(host, float, original), new OnnxProgram(host, proto, bytes)];
    const rows = fixedRows(float) ?? EVALUATION_BATCH;
    const results = evaluation === undefined ? {} : compared(await judge(model, before, evaluation, rows), await judge(model, after, evaluation, rows));
    for (const [name, bound] of Object.entries(maxLoss)) checkBound(where, kind, name, bound, results);
    const sample = options.measureSpeed === false ? undefined : await firstRows(model, evaluation ?? calibration, fixedRows(float));
    const speed = sample === undefined ? [] : await measureSpeed(before, after, sample, fixedRows(float));
    if (path !== undefined) {
      const { writeFileAtomic } = await import("../../files/disk.js");
      await writeFileAtomic(path, bytes);
    }
    return new QuantizeReport({ kind, bytes, path, size: { before: original.length, after: bytes.length }, speed, results, weights });
  } finally {
    await engine.dispose();
  }
}

/** The graph of the wanted kind, and the weights that it stores smaller. */
async function smaller(
  model: Model,
  float: ModelProto,
  host: Host,
  options: QuantizeOptions,
  calibration: Dataset | undefined,
): Promise<{ readonly graph: ModelProto["graph"]; readonly weights: readonly string[] }> {
  const draft = new Draft(float.graph);
  const { kind, range = "percentile", percentile = 99.99 } = options;
  const excluded = exclusions(draft, options.exclude ?? []);
  await foldConstants(draft, float, host);
  sinkTransposes(draft);
  absorb(draft);
  if (kind === "int8Weights") return { weights: storeSmaller(draft, "int8", excluded), graph: draft.finish() };
  if (kind === "float16Weights") return { weights: storeSmaller(draft, "float16", excluded), graph: draft.finish() };
  if (kind === "float16") return { weights: computeHalf(draft, excluded), graph: draft.finish() };
  const tables = quantizeLookups(draft, excluded);
  if (kind === "dynamicInt8") {
    const cores = coresOf(draft, excluded).filter(({ node }) => node.opType === "MatMul");
    quantizeDynamic(draft, cores);
    return { graph: draft.finish(), weights: [...tables, ...cores.map(({ weight }) => weight)] };
  }
  const batches = await calibrationBatches(model, calibration!, fixedRows(float));
  if (coresOf(draft, excluded).length === 0) return { graph: draft.finish(), weights: tables };
  const products = draft.nodes.filter(({ opType, domain }) => opType === "MatMul" && domain === "").map(({ inputs }) => inputs[0]!);
  toGemm(draft, await ranksOf({ ...float, graph: draft.finish() }, [...new Set(products)], batches[0]!, host));
  const plan = planStatic(draft, coresOf(draft, excluded));
  const ranges = await calibrate({ ...float, graph: draft.finish() }, plan.values, batches, host, { method: range, percentile });
  quantizeStatic(draft, plan, ranges);
  return { graph: draft.finish(), weights: [...tables, ...plan.cores.map(({ weight }) => weight)] };
}

/** Tells the weights that a user excludes, and refuses patterns that mean none. */
function exclusions(draft: Draft, exclude: NonNullable<QuantizeOptions["exclude"]>): Excluded {
  const names = [...draft.initializers.values()].filter(({ dtype }) => dtype === "float32").map(({ name }) => name);
  const patterns = Array.isArray(exclude) ? exclude : [exclude];
  const tests = patterns.map((pattern: string | RegExp) => {
    const test = matcher("quantize exclude", pattern);
    if (!names.some(test)) throw noMatch("quantize exclude", "weights", String(pattern), names);
    return test;
  });
  return (weight) => tests.some((test) => test(weight));
}

/** Rows drawn from all of the data where these are in memory, in batches of one size. */
async function calibrationBatches(model: Model, data: Dataset, fixed: number | undefined): Promise<(readonly Column[])[]> {
  const feeder = new Feeder(model, data);
  const batches: (readonly Column[])[] = [];
  const batchSize = fixed ?? CALIBRATION_BATCH;
  for await (const batch of data.shuffle({ seed: 0 }).take(CALIBRATION_ROWS).batch(batchSize).batches()) {
    const { inputs, rows } = feeder.step(batch);
    if (batches.length === 0 || rows === batchSize) batches.push(inputs);
  }
  if (batches.length === 0) throw noRows("quantize calibration");
  return batches;
}

/** The number of rows that the file takes at once, where it takes no other. */
function fixedRows({ graph }: ModelProto): number | undefined {
  const rows = graph.inputs[0]?.shape?.[0];
  return typeof rows === "number" ? rows : undefined;
}

/** Rows to measure speed with: of the data, or zeros where there are none and the model's shapes are known. */
async function firstRows(model: Model, data: Dataset | undefined, fixed: number | undefined): Promise<readonly Column[] | undefined> {
  if (data !== undefined) {
    const feeder = new Feeder(model, data);
    for await (const batch of data.batch(fixed ?? 32).batches()) return feeder.step(batch).inputs;
    throw noRows("quantize");
  }
  const shapes = model.inputs.map(({ shape }) => shape.slice(1));
  if (shapes.some((shape) => shape.some((dim) => typeof dim === "string"))) return undefined;
  return model.inputs.map(({ dtype }, i) => {
    const shape = [1, ...(shapes[i] as number[])];
    return { dtype, shape, data: allocate(dtype, shape.reduce((product, dim) => product * dim, 1)) };
  });
}

function compared(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): Record<string, Comparison<number>> {
  return Object.fromEntries(Object.entries(before).map(([name, value]) => [name, { before: value, after: after[name]! }]));
}

function nothingToDo(where: string, kind: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `${where} to ${kind}`,
    expected: kind === "dynamicInt8" ? "matrix products with weights" : "operators with weights that may become smaller",
    received: "none",
    fix: "exclude less, or take another kind, such as float16Weights",
  });
}

function checkBound(where: string, kind: string, name: string, bound: number, results: Readonly<Record<string, Comparison<number>>>): void {
  const result = Object.hasOwn(results, name) ? results[name]! : undefined;
  if (result === undefined) throw noMatch("quantize maxLoss", "results", name, Object.keys(results));
  const { before, after } = result;
  const loss = largerIsBetter(name) ? before - after : after - before;
  if (loss <= bound) return;
  throw new NacreError({
    code: "LOSS_BOUND",
    where: `${where} to ${kind}`,
    expected: `${name} at most ${bound} worse than ${before.toPrecision(4)}`,
    received: `${after.toPrecision(4)}; nothing was written`,
    fix: "exclude layers that suffer most, calibrate with more rows, take another kind, or allow more",
  });
}
