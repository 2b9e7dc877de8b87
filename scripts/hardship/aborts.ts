import { unpackCheckpoint } from "../../src/files/checkpoint.js";
import { NacreError } from "../../src/index.node.js";
import { type Check, must } from "./check.js";
import { build, copyOf, data, options, uninterrupted } from "./task.js";

const ABORTS = 100;
const EPOCHS = 120;

/** Trainings that are aborted at random moments and resumed, in this process or as a loaded copy. */
export const abortStorm: Check = async () => {
  const expected = unpackCheckpoint(await uninterrupted(EPOCHS));
  let [aborts, finished] = [0, 0];
  let model = build();
  while (aborts < ABORTS || finished === 0) {
    const timer = new AbortController();
    setTimeout(() => timer.abort(), Math.random() * 120);
    try {
      await model.fit(data, options(EPOCHS, { signal: timer.signal, resume: true }));
      const entries = unpackCheckpoint(await model.toBytes());
      for (const [name, bytes] of Object.entries(expected)) {
        must(Buffer.from(bytes).equals(entries[name]!), `${name} differs after ${aborts} aborts`);
      }
      finished++;
      model = build();
    } catch (error) {
      if (!(error instanceof NacreError && error.code === "ABORTED")) throw error;
      aborts++;
      if (aborts % 3 === 0) model = await copyOf(model);
    }
  }
  return `${aborts} aborts in ${finished} trainings of ${EPOCHS} epochs: every file equal byte by byte`;
};
