import { createRequire } from "node:module";
import { Clock } from "../clock.js";
import { makeData } from "./data.js";
import { tfjsNetworks } from "./tfjsNetworks.mjs";

const require = createRequire(new URL("../../.peers/package.json", import.meta.url));

/** Measures `trainOnBatch`, the quickest of TensorFlow.js's public ways, on batches made once. */
export async function measure(job) {
  const tf = require("@tensorflow/tfjs-core");
  const layers = require("@tensorflow/tfjs-layers");
  const backend = job.peer === "tfjs-wasm" ? "wasm" : "cpu";
  const { setThreadsCount } = require(`@tensorflow/tfjs-backend-${backend}`);
  // In Node its WebAssembly has one thread, whatever is set.
  setThreadsCount?.(job.threads);
  await tf.setBackend(backend);
  await tf.ready();
  const { workload } = job;
  const { inputs, labels } = makeData(job);
  const dtype = ({ data }) => (data instanceof Int32Array ? "int32" : "float32");
  const split = (tensor) => tf.split(tensor, job.batches);
  const tensor = (column) => tf.tensor(column.data, [...column.shape], dtype(column));
  const columns = inputs.map((column) => split(tensor(column)));
  // Its sparse cross-entropy takes no logits: classes become one-hot labels beforehand.
  const softmax = workload.loss === "softmax";
  const targets = split(softmax ? tf.oneHot(tensor(labels), workload.label.values.below) : tensor(labels));

  const clock = new Clock(job);
  const build = tfjsNetworks(layers)[workload.name];
  if (build === undefined) throw new Error("TensorFlow.js has no attention layer");
  const model = build();
  model.compile({ optimizer: tf.train.adam(1e-3), loss: softmax ? tf.losses.softmaxCrossEntropy : tf.losses.sigmoidCrossEntropy });
  const parameters = model.trainableWeights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  for (let batch = 0; ; batch = (batch + 1) % job.batches) {
    const x = columns.map((column) => column[batch]);
    const last = await model.trainOnBatch(x.length === 1 ? x[0] : x, targets[batch]);
    if (clock.tick()) return { clock, parameters, loss: last };
  }
}
