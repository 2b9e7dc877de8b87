// A large network teaches a small one. You have the large one as an ONNX file, many pictures, and labels of few.
import assert from "node:assert/strict";
import { importOnnx, layers, losses, type Model, sequential } from "nacre";
import { csv } from "nacre/data";
import { distill, quantize } from "nacre/ship";

const fast = process.argv.includes("--fast");
const seed = 1;
const quiet = { seed, verbose: "silent" } as const;

const digits = await csv("examples/data/digits.csv", { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
const { train: pictures, test } = await digits.split({ test: 0.2, stratify: true, seed });
const { test: labelled } = await pictures.split({ test: 0.1, stratify: true, seed });

const conv = (filters: number) => layers.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu" });
const logits = () => layers.dense({ units: 10 });
const goal = { optimizer: "adam", loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), metrics: ["accuracy"] } as const;
const small = () => sequential([layers.input([8, 8, 1]), conv(8), layers.maxPooling2d(), conv(8), layers.maxPooling2d(), layers.flatten(), logits()], { seed }).compile(goal);

// Somebody else's work, who had labels of all pictures.
const large = sequential([layers.input([8, 8, 1]), conv(32), conv(32), layers.maxPooling2d(), conv(64), layers.flatten(), layers.dropout({ rate: 0.4 }), logits()], { seed }).compile(goal);
await large.fit(pictures, { ...quiet, epochs: fast ? 8 : 30 });
const teacher = (await importOnnx(await large.toOnnx())).compile(goal);

const alone = small();
await alone.fit(labelled, { ...quiet, epochs: fast ? 80 : 300 });
// With alpha 1 the teacher's answers are all that counts, so pictures need no labels.
const student = small();
await distill(teacher, student, pictures, { ...quiet, epochs: fast ? 25 : 100, temperature: 2, alpha: 1 });

console.log(`${labelled.length} labelled pictures, ${pictures.length} pictures in all, ${test.length} held out\n`);
console.log("                    kB  ms for 32  accuracy");
const ofTeacher = await show("teacher", teacher);
const ofAlone = await show("student alone", alone);
const ofStudent = await show("student, taught", student);
const report = await quantize(teacher, { kind: "int8", calibration: pictures, evaluate: test, maxLoss: { accuracy: 0.01 } });
console.log(`\nThe other way to a smaller teacher, with one thread:\n${String(report)}`);

assert(ofStudent > ofAlone + 0.04, "the teacher taught nothing");
assert(ofStudent > ofTeacher - (fast ? 0.1 : 0.04), "the student is far behind its teacher");

/** Prints size, speed and accuracy of a model; gives the accuracy. */
async function show(name: string, model: Model<"accuracy">): Promise<number> {
  const bytes = (await model.toOnnx()).length;
  const { data } = await test.take(32).column("input");
  const times: number[] = [];
  for (let run = 0; run < 100; run++) {
    const begin = performance.now();
    await (await model.predict(data)).data();
    times.push(performance.now() - begin);
  }
  const median = times.toSorted((a, b) => a - b)[50]!;
  const { accuracy } = await model.evaluate(test);
  console.log(`${name.padEnd(17)}${(bytes / 1024).toFixed(0).padStart(5)}${median.toFixed(2).padStart(11)}${(accuracy * 100).toFixed(1).padStart(8)} %`);
  return accuracy;
}
