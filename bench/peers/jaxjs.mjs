import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Clock } from "../clock.js";
import { makeData } from "./data.js";
import { jaxjsNetworks } from "./jaxjsNetworks.mjs";

const require = createRequire(new URL("../../.peers/package.json", import.meta.url));

/** Measures one jitted step (loss, gradients, Adam) in WebAssembly on batches made once; in Node it has one thread. */
export async function measure(job) {
  const jax = await import(pathToFileURL(require.resolve("@jax-js/jax")).href.replace("index.cjs", "index.js"));
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const { numpy: np, nn } = jax;
  const { workload } = job;
  const { inputs, labels } = makeData(job);
  const split = ({ data, shape }) => {
    const rows = data.length / job.batches;
    const dtype = data instanceof Int32Array ? np.int32 : np.float32;
    return Array.from({ length: job.batches }, (_, i) =>
      np.array(data.slice(i * rows, (i + 1) * rows), { dtype }).reshape([workload.batch, ...shape.slice(1)]),
    );
  };
  const columns = inputs.map(split);
  const targets = split(labels);

  const clock = new Clock(job);
  const network = jaxjsNetworks(jax)[workload.name];
  if (network === undefined) throw new Error("not written for jax-js, which has no layers");
  const weights = network.weights();
  const loss = (w, x, y) => {
    const logits = network.apply(w, ...x);
    if (workload.loss === "sigmoid") {
      // max(z, 0) − z·y + log(1 + exp(−|z|))
      const rest = np.log1p(np.exp(np.negative(np.abs(logits.ref))));
      return np.mean(np.maximum(logits.ref, 0).sub(logits.mul(y)).add(rest));
    }
    const classes = logits.shape.at(-1);
    return np.mean(np.sum(nn.logSoftmax(logits, -1).mul(nn.oneHot(y, classes)), -1)).neg();
  };
  const step = jax.jit((w, m, v, rate, x, y) => {
    const [value, gradients] = jax.valueAndGrad(loss)(w.map((array) => array.ref), x, y);
    const m2 = m.map((old, i) => old.mul(0.9).add(gradients[i].ref.mul(0.1)));
    const v2 = v.map((old, i) => old.mul(0.999).add(gradients[i].ref.mul(gradients[i]).mul(0.001)));
    const w2 = w.map((old, i) => old.sub(m2[i].ref.mul(rate.ref).div(np.sqrt(v2[i].ref).add(1e-7))));
    rate.dispose();
    return { value, w: w2, m: m2, v: v2 };
  });
  const parameters = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const zeros = () => weights.map(({ shape }) => np.zeros(shape));
  let state = { w: weights, m: zeros(), v: zeros() };
  for (let t = 1; ; t++) {
    const batch = t % job.batches;
    const rate = np.array((1e-3 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t));
    const x = columns.map((column) => column[batch].ref);
    const { value, ...next } = step(state.w, state.m, state.v, rate, x, targets[batch].ref);
    state = next;
    const [last] = await value.data();
    if (clock.tick()) return { clock, parameters, loss: last };
  }
}
