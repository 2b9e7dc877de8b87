import { fromBytes, layers, load, NacreError, sequential } from "nacre";
import { csv } from "nacre/data";

/** Trains in a page, saves to the site's own file system and opens again; gives what the page then knows. */
async function use() {
  const table = await csv({ text: "a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n" }, { label: "y" });
  const model = sequential([layers.input([2]), layers.dense({ units: 8, activation: "tanh" }), layers.dense({ units: 2 })]);
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  await model.fit(table, { epochs: 2, verbose: "silent" });
  await model.save("models/xor.nacre");
  const predictions = [];
  for (const each of [model, await load("models/xor.nacre"), await fromBytes(await model.toBytes())]) {
    predictions.push([...(await (await each.predict([[0, 1]])).data())]);
  }
  const error = await load("models/none.nacre").catch((reason) => reason);
  return { predictions, refused: error instanceof NacreError ? error.code : String(error) };
}

globalThis.outcome = use();
