import { type Model, type TypedArray, load } from "nacre";
import type { Dataset } from "nacre/data";
import * as onnxruntime from "onnxruntime-node";

/** Probabilities may differ by rounding where another program orders its sums differently. */
const TOLERANCE = 1e-5;

/** Saves, loads and exports a model, and checks that file, ONNX file and model predict the same. */
export async function checkPortability(model: Model, test: Dataset, out: string): Promise<{ saved: string; onnx: string }> {
  const saved = `${out}/digits.nacre`;
  const onnx = `${out}/digits.onnx`;
  await model.save(saved);
  await model.export(onnx, {
    classNames: test.classNames ?? [],
    preprocessing: "grey values 0 to 16, divided by 16, as [batch, 8, 8, 1]",
  });
  const expected = await (await model.predict(test)).data();
  const loaded = await (await (await load(saved)).predict(test)).data();
  const { data, shape } = await test.column("input");
  const session = await onnxruntime.InferenceSession.create(onnx);
  const results = await session.run({ input: new onnxruntime.Tensor("float32", data as Float32Array, shape) });
  const difference = Math.max(largestDifference(expected, loaded), largestDifference(expected, results["output"]!.data as Float32Array));
  if (!(difference <= TOLERANCE)) throw new Error(`saved, exported and live model differ by ${difference}`);
  console.log(`Live, loaded and ONNX model agree on ${test.length} rows (largest difference ${difference.toExponential(1)}).`);
  return { saved, onnx };
}

function largestDifference(a: TypedArray, b: TypedArray): number {
  if (a.length !== b.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(Number(a[i]) - Number(b[i])));
  return largest;
}
