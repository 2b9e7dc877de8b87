// Trains with a checkpoint every two batches, going on from the file where there is one; it is killed from outside.
import { existsSync } from "node:fs";
import { callbacks, load } from "../../src/index.node.js";
import { build, data, options } from "./task.js";

const [path = "", epochs = "1"] = process.argv.slice(2);
const model = existsSync(path) ? await load(path) : build();
const checkpoint = callbacks.modelCheckpoint({ path, saveFreq: 2 });
process.stdout.write("ready\n");
await model.fit(data, options(Number(epochs), { callbacks: [checkpoint], resume: true }));
await model.save(`${path}.done`);
process.stdout.write("done\n");
