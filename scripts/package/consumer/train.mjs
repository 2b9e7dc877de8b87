import { layers, losses, optimizers, sequential } from "nacre";

// Points inside and outside of a circle: the least that needs a hidden layer.
const x = Array.from({ length: 200 }, (_, i) => [Math.sin(i * 1.7), Math.cos(i * 2.3)]);
const y = x.map(([a, b]) => [a * a + b * b < 1 ? 1 : 0]);

const model = sequential([
  layers.input([2]),
  layers.dense({ units: 16, activation: "relu" }),
  layers.dense({ units: 1, activation: "sigmoid" }),
]).compile({ optimizer: optimizers.adam({ learningRate: 0.03 }), loss: losses.binaryCrossentropy(), metrics: ["accuracy"] });

const { logs } = await model.fit({ x, y }, { epochs: 20, seed: 1, verbose: "silent" });
const [first, last] = [logs.loss.at(0), logs.loss.at(-1)];
console.log(`loss ${first.toFixed(4)} -> ${last.toFixed(4)}`);
if (!(last < 0.7 * first)) throw new Error("the loss did not fall");
