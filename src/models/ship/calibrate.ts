import type { Column } from "../../data/column.js";
import { NacreError } from "../../error.js";
import type { ModelProto, NodeProto, ValueInfo } from "../../onnx/proto.js";
import { Draft } from "./draft.js";
import { type Host, OnnxProgram } from "./program.js";
import { Histogram, type Range, type RangeMethod } from "./ranges.js";

/** What a runtime is to tell of a value: a node that finds it, and its shape. */
type Question = readonly [node: NodeProto, answer: ValueInfo];

/** So many elements are looked at in one run, 64 MB; other values wait for another. */
const MOST_ELEMENTS = 2 ** 24;

/** The ranges of float32 values inside a model over batches of calibration data, all of one size. */
export async function calibrate(
  model: ModelProto,
  names: Iterable<string>,
  batches: readonly (readonly Column[])[],
  host: Host,
  { method, percentile }: { readonly method: RangeMethod; readonly percentile: number },
): Promise<Map<string, Range>> {
  const values = [...names];
  const ask = async (questions: readonly Question[], note: (answers: readonly Column[]) => void): Promise<void> => {
    const draft = new Draft({ ...model.graph, outputs: questions.map(([, answer]) => answer) });
    draft.nodes.push(...questions.map(([node]) => node));
    const program = new OnnxProgram(host, { ...model, graph: draft.finish() });
    for (const batch of batches) note(await program.run(batch));
    program.dispose();
  };
  const found = values.map((name) => ({ name, low: Infinity, high: -Infinity, size: 0 }));
  const extremes = values.flatMap((name) => [question("ReduceMin", name, "float32", []), question("ReduceMax", name, "float32", []), question("Size", name, "int64", [])]);
  await ask(extremes, (answers) =>
    found.forEach((value, i) => {
      const [low, high, size] = [0, 1, 2].map((k) => Number(answers[3 * i + k]!.data[0])) as [number, number, number];
      if (!Number.isFinite(low) || !Number.isFinite(high)) throw notFinite(value.name);
      [value.low, value.high, value.size] = [Math.min(value.low, low), Math.max(value.high, high), size];
    }),
  );
  const ranges = new Map<string, Range>(found.map(({ name, low, high }) => [name, { low, high }]));
  if (method === "minMax") return ranges;
  for (const group of grouped(found.filter(({ low, high }) => high > low))) {
    const histograms = group.map(({ low, high }) => new Histogram({ low, high }));
    const questions = group.map(({ name, size }) => question("Flatten", name, "float32", [1, size]));
    await ask(questions, (answers) => answers.forEach(({ data }, i) => histograms[i]!.add(data as Float32Array)));
    group.forEach(({ name }, i) => ranges.set(name, method === "entropy" ? histograms[i]!.entropy() : histograms[i]!.percentile(percentile)));
  }
  return ranges;
}

/** How many axes values inside a model have. */
export async function ranksOf(model: ModelProto, names: readonly string[], batch: readonly Column[], host: Host): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const draft = new Draft({ ...model.graph, outputs: names.map((name) => ({ name: `${name}/Shape/rank`, dtype: "int64", shape: [] })) });
  for (const name of names) draft.add("Size", [draft.add("Shape", [name], {}, draft.fresh(`${name}/Shape`))], {}, `${name}/Shape/rank`);
  const program = new OnnxProgram(host, { ...model, graph: draft.finish() });
  const answers = await program.run(batch);
  program.dispose();
  return new Map(names.map((name, i) => [name, Number(answers[i]!.data[0])]));
}

/** One answer of a known shape for a value: over all of its elements. */
function question(opType: string, name: string, dtype: ValueInfo["dtype"], shape: readonly number[]): Question {
  const answer = `${name}/${opType}/answer`;
  const [attribute, value] = opType === "Flatten" ? (["axis", 0] as const) : (["keepdims", 0] as const);
  const attributes = opType === "Size" ? [] : [{ name: attribute, type: "int" as const, value }];
  return [{ name: "", opType, domain: "", inputs: [name], outputs: [answer], attributes }, { name: answer, dtype, shape }];
}

function grouped<T extends { readonly size: number }>(values: readonly T[]): T[][] {
  const groups: T[][] = [];
  let elements = Infinity;
  for (const value of values) {
    if (elements + value.size > MOST_ELEMENTS) [elements] = [0, groups.push([])];
    groups.at(-1)!.push(value);
    elements += value.size;
  }
  return groups;
}

function notFinite(name: string): NacreError {
  return new NacreError({
    code: "NON_FINITE",
    where: "quantize calibration",
    expected: "finite numbers inside the model",
    received: `others in "${name}"`,
    fix: "look for NaN among the calibration data",
  });
}
