import { type Callback, Model, layers, losses, sequential } from "nacre";
import { fromArrays } from "nacre/data";
import { classNames } from "./classNames.js";
import { type Stroke, type Variation, toPicture } from "./picture.js";
import { Recogniser } from "./recogniser.js";

/** The digits, before any class of one's own. */
const DIGITS = 10;
const EPOCHS = 30;

/** Ten drawings become as many pictures as there are scans of a digit. */
const VARIATIONS: readonly Variation[] = [
  {},
  { turn: 0.12 },
  { turn: -0.12 },
  { stretch: 1.15, pen: 0.9 },
  { stretch: 0.87, pen: 1.1 },
  { turn: 0.2, pen: 1.15 },
  { turn: -0.2, pen: 0.85 },
];

/**
 * A network that also knows a new class. The convolutions stay as they are; the last layer begins with what it
 * knows of the digits, and learns from scans of them and from the drawings.
 */
export async function teach(
  { model, names, scans }: Recogniser,
  name: string,
  drawings: readonly (readonly Stroke[])[],
  report: (progress: number) => void,
): Promise<Recogniser> {
  const flat = model.calls.find(({ layer }) => layer.className === "Flatten")!.outputs[0]!;
  const old = model.layers.find(({ className }) => className === "Dense")!;
  const features = new Model({ inputs: model.inputs, outputs: flat });
  const width = flat.shape[1] as number;

  const own = drawings.flatMap((strokes) => VARIATIONS.map((variation) => toPicture(strokes, variation)));
  const pictures = [...scans.map(({ picture }) => picture), ...own];
  const labels = [...scans.map(({ label }) => label), ...own.map(() => DIGITS)];
  const rows = new Float32Array(pictures.length * pictures[0]!.length);
  pictures.forEach((picture, i) => rows.set(picture, i * picture.length));
  const inputs = { data: (await (await features.predict(rows)).data()), shape: [pictures.length, width] };

  const head = layers.dense({ units: DIGITS + 1, activation: "softmax" });
  const learner = sequential([layers.input([width]), head]).compile({
    optimizer: "adam",
    loss: losses.sparseCategoricalCrossentropy(),
    metrics: ["accuracy"],
  });
  const [kernel, bias] = await Promise.all(old.variables.map((variable) => variable.read()));
  head.variables[0]!.assign(widened(kernel as Float32Array, names.length));
  head.variables[1]!.assign(widened(bias as Float32Array, names.length));
  const progress: Callback = { name: "progress", onEpochEnd: (epoch) => report((epoch + 1) / EPOCHS) };
  await learner.fit(fromArrays({ inputs, labels }), { epochs: EPOCHS, batchSize: 32, seed: 1, verbose: "silent", callbacks: [progress] });

  const known = [...names.slice(0, DIGITS), name];
  const dropped = layers.dropout({ rate: 0.4 }).callAll(flat);
  const named = classNames({ names: known }).callAll(head.callAll(dropped));
  return new Recogniser(new Model({ inputs: model.inputs, outputs: named[0]! }), known, scans);
}

/** Rows of weights with those of the digits kept, and a zero for the new class. */
function widened(weights: Float32Array, classes: number): Float32Array {
  const rows = weights.length / classes;
  const wide = new Float32Array(rows * (DIGITS + 1));
  for (let row = 0; row < rows; row++) wide.set(weights.subarray(row * classes, row * classes + DIGITS), row * (DIGITS + 1));
  return wide;
}
