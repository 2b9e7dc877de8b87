import { layers, losses, optimizers, sequential } from "nacre";
import type { Dataset } from "nacre/data";
import { predictedClasses } from "nacre/evaluate";

/** What a method without a network says of each held-out row. */
export interface BaselinePrediction {
  readonly name: string;
  readonly predictions: readonly number[];
}

/** Two answers that a network must beat: the commonest class, and a logistic regression. */
export async function scoreBaselines(train: Dataset, test: Dataset, seed: number): Promise<BaselinePrediction[]> {
  const labels = (await train.column("label")).data;
  const counts = Array.from({ length: 10 }, () => 0);
  for (const label of labels) counts[Number(label)]! += 1;
  const commonest = counts.indexOf(Math.max(...counts));
  const regression = sequential([layers.input([8, 8, 1]), layers.flatten(), layers.dense({ units: 10, activation: "softmax" })]);
  regression.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: losses.sparseCategoricalCrossentropy() });
  // Long enough to converge: a baseline that is cut short would flatter the network.
  await regression.fit(train, { epochs: 60, batchSize: 32, seed, verbose: "silent" });
  const probabilities = await (await regression.predict(test)).data();
  return [
    { name: "majority class", predictions: Array.from({ length: test.length! }, () => commonest) },
    { name: "logistic regression", predictions: [...predictedClasses(probabilities as Float32Array, 10)] },
  ];
}
