import { type Callback, grad, jit, layers, Model, NacreError, sequential, tensor, type Tensor } from "../../src/index.node.js";
import { currentScope } from "../../src/graph/node.js";
import { type Check, must } from "./check.js";

async function weightsOf(model: Model): Promise<string> {
  return JSON.stringify(await Promise.all(model.variables.map(async (variable) => [...(await variable.read())].map(String))));
}

async function errorOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Ids that layers compute, so that only the engine can find them out of range. */
function lookup(): Model {
  const x = layers.input([2]);
  const ids = layers.rescaling({ scale: 1 })(x);
  const table = layers.embedding({ inputDim: 5, outputDim: 3, name: "words" })(ids);
  return new Model({ inputs: x, outputs: layers.dense({ units: 1 })(layers.flatten()(table)) }).compile({ optimizer: "adam", loss: "mse" });
}

export const failingStep: Check = async () => {
  const model = lookup();
  const good = Array.from({ length: 16 }, (_, i) => [i % 5, (i + 1) % 5]);
  const bad = good.map((row, i) => (i === 9 ? [7, 0] : row));
  const y = good.map(() => [1]);
  const quiet = { batchSize: 4, shuffle: false, verbose: "silent" } as const;
  await model.fit({ x: good, y }, quiet);
  let before = "";
  const watch: Callback = { name: "watch", onBatchEnd: async () => void (before = await weightsOf(model)) };
  for (let round = 0; round < 20; round++) {
    const error = await errorOf(() => model.fit({ x: bad, y }, { ...quiet, callbacks: [watch] }));
    const step = 4 + 2 * (round + 1) + 4 * round;
    must(error instanceof NacreError && error.code === "ENGINE_FAILED", `expected ENGINE_FAILED, got ${String(error)}`);
    must(error.where === `embedding "words", step ${step}`, `the error is told of ${error.where}, not of step ${step}`);
    must((await weightsOf(model)) === before, "the failed step changed weights");
    await model.fit({ x: good, y }, quiet);
  }
  const predicting = await errorOf(() => model.predict(bad));
  must(predicting instanceof NacreError && predicting.where === 'embedding "words"', `predict: ${String(predicting)}`);
  must((await (await model.predict(good)).data()).every((value) => Number.isFinite(Number(value))), "predict after a failure");

  const direct = sequential([layers.input([2], { dtype: "int32" }), layers.embedding({ inputDim: 5, outputDim: 2 }), layers.flatten(), layers.dense({ units: 1 })]);
  direct.compile({ optimizer: "sgd", loss: "mse" });
  for (const id of [-1, 5, 1e9]) {
    const wrong = good.map((row, i) => (i === 9 ? [id, 0] : row));
    const error = await errorOf(() => direct.fit({ x: wrong, y }, quiet));
    must(error instanceof NacreError && error.code === "BAD_DATA" && error.where.includes("row 9 (from 0)"), `id ${id}: ${String(error)}`);
  }
  return "20 failing steps: step and layer named, weights as before, engine and model go on; ids out of range named by row";
};

export const failingTraces: Check = async () => {
  const oops = (x: Tensor): Tensor => {
    x.square().sum();
    throw new TypeError("on purpose");
  };
  const mismatched = (x: Tensor): Tensor => x.matmul(tensor([[1, 2, 3, 4, 5]])).sum();
  const x = tensor([1, 2, 3]);
  let leaked: Tensor | undefined;
  const leaking = jit((v: Tensor) => {
    leaked = v;
    return v.square();
  });
  for (let i = 0; i < 200; i++) {
    must((await errorOf(() => jit(oops)(x))) instanceof TypeError, "jit hides the error of its function");
    must((await errorOf(() => grad(oops)(x))) instanceof TypeError, "grad hides the error of its function");
    must((await errorOf(() => jit((v: Tensor) => grad(oops)(v))(x))) instanceof TypeError, "jit of grad hides the error");
    must((await errorOf(() => jit(mismatched)(x))) instanceof NacreError, "a wrong shape in jit");
    must(currentScope() === "", `the scope ${currentScope()} stayed open`);
  }
  const twice = jit(oops);
  must((await errorOf(() => twice(x))) instanceof TypeError && (await errorOf(() => twice(x))) instanceof TypeError, "a failure is not repeated");
  let failing = true;
  const sometimes = jit((v: Tensor) => (failing ? oops(v) : v.square()));
  await errorOf(() => sometimes(x));
  failing = false;
  must((await (await sometimes(x)).data()).join() === "1,4,9", "a function that failed once cannot be used again");
  await leaking(x);
  const stale = await errorOf(() => leaked!.data());
  must(stale instanceof NacreError && stale.code === "TRACED_VALUE", `a leaked tracer: ${String(stale)}`);
  const captured = await errorOf(() => leaked!.add(1).data());
  must(captured instanceof NacreError && captured.code === "TRACED_VALUE", `an expression of a leaked tracer: ${String(captured)}`);
  const donated = jit((v: Tensor, at: Tensor) => v.gather(at), { donate: [0] });
  const state = await jit((v: Tensor) => v.mul(1))(x);
  must((await errorOf(() => donated(state, tensor([9], { dtype: "int32" })))) instanceof NacreError, "an index out of range");
  must((await (await donated(state, tensor([2], { dtype: "int32" }))).data()).join() === "3", "state donated to a run that failed");
  const broken = await errorOf(() => sequential([layers.input([3]), layers.dense({ units: 2, activation: oops })]));
  must(broken instanceof TypeError && currentScope() === "", "a throwing activation leaves its layer's scope open");
  return "800 throwing traces: errors come through, no scope stays open, functions, tensors and donated state can be used again";
};
