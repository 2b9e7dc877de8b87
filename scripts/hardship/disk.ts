import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFileBytes, writeFileAtomic } from "../../src/files/disk.js";
import { load, NacreError } from "../../src/index.node.js";
import { type Check, must } from "./check.js";
import { killAfter, startChild } from "./child.js";
import { build, data, options, uninterrupted } from "./task.js";

const KILLS = Number(process.env["HARDSHIP_KILLS"] ?? 100);

async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "nacre-hardship-"));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function refused(act: () => Promise<unknown>, says: string): Promise<void> {
  const error = await act().then(
    () => undefined,
    (cause: unknown) => cause,
  );
  must(error instanceof NacreError && error.code === "FILE_ACCESS" && error.message.includes(says), `expected a refusal with "${says}", got ${String(error)}`);
}

/** A disk of 1 MB that fills up while a model is saved. */
export const fullDisk: Check = () =>
  inFolder(async (folder) => {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return "left out: needs Linux and root for a small tmpfs";
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
    } catch {
      return "left out: no file system can be mounted here";
    }
    try {
      const path = join(folder, "model.nacre");
      const model = build();
      await model.fit(data, options(1));
      await model.save(path);
      const old = readFileSync(path);
      await refused(() => writeFileAtomic(path, new Uint8Array(2 ** 21)), "disk is full");
      must(readFileSync(path).equals(old) && readdirSync(folder).length === 1, "the old file was changed, or a part of the new one left");
      // All but one page, which the model does not fit into.
      const pages = Math.ceil(old.length / 4096);
      must(pages > 1, "the model is too small for this test");
      await writeFileAtomic(join(folder, "ballast"), new Uint8Array(2 ** 20 - 4096 * (pages + 1)));
      await model.fit(data, options(2, { resume: true }));
      await refused(() => model.save(path), "disk is full");
      must(readFileSync(path).equals(old), "the old file was changed");
      rmSync(join(folder, "ballast"));
      await model.save(path);
      await load(path);
      return "a full tmpfs: ENOSPC is told, the old file stays, nothing is left, the next save works";
    } finally {
      execFileSync("umount", [folder]);
    }
  });

export const readOnlyFolder: Check = () =>
  inFolder(async (folder) => {
    const path = join(folder, "model.nacre");
    const model = build();
    await model.save(path);
    const old = readFileSync(path);
    chmodSync(folder, 0o555);
    // Root may write anywhere, so it steps down.
    const root = process.getuid?.() === 0;
    if (root) process.seteuid!(65534);
    try {
      await refused(() => model.save(path), "permissions");
    } finally {
      if (root) process.seteuid!(0);
    }
    chmodSync(folder, 0o755);
    must(readFileSync(path).equals(old) && readdirSync(folder).length === 1, "the old file was changed");
    return "refused, the old file stays";
  });

/** A file of one value throughout is whole. */
function isWhole(bytes: Uint8Array, length: number): boolean {
  return bytes.length === length && bytes.every((byte) => byte === bytes[0]);
}

export const twoWriters: Check = () =>
  inFolder(async (folder) => {
    const [path, length] = [join(folder, "shared.bin"), 300_000];
    await writeFileAtomic(path, new Uint8Array(length));
    const writers = await Promise.all(["0", "100"].map((first) => startChild("saver.js", [path, first, String(length), "150"])));
    let running = true;
    void Promise.all(writers.map(({ ended }) => ended)).then(() => (running = false));
    let reads = 0;
    while (running) {
      must(isWhole(await readFileBytes(path), length), "a mixed file was read");
      reads++;
    }
    must(readdirSync(folder).length === 1, "something was left beside the file");
    return `two processes, 150 saves each, ${reads} reads in between: every one whole`;
  });

export const killedSaving: Check = () =>
  inFolder(async (folder) => {
    const [path, length] = [join(folder, "model.bin"), 3_000_000];
    await writeFileAtomic(path, new Uint8Array(length));
    for (let i = 0; i < KILLS; i++) {
      await killAfter(Math.random() * 40, await startChild("saver.js", [path, String(i), String(length)]));
      must(isWhole(await readFileBytes(path), length), `kill ${i}: no whole file`);
    }
    const left = readdirSync(folder).length - 1;
    const old = new Date(Date.now() - 3_600_000);
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), old, old);
    await writeFileAtomic(path, new Uint8Array(length));
    must(readdirSync(folder).length === 1, "old temporary files stay");
    return `${KILLS} kills: a whole file each time; ${left} temporary files were left, and gone after a save an hour later`;
  });

/** Each life of the training process ends by a kill; the last one finishes. */
export const killedTraining: Check = () =>
  inFolder(async (folder) => {
    const epochs = 150;
    const expected = await uninterrupted(epochs);
    const path = join(folder, "run.nacre");
    let kills = 0;
    let finished = 0;
    while (kills < KILLS) {
      mkdirSync(folder, { recursive: true });
      const code = await killAfter(50 + Math.random() * 500, await startChild("trainer.js", [path, String(epochs)]));
      if (code !== 0) {
        must(code === null, `the training ended with ${code}`);
        kills++;
        if (readdirSync(folder).includes("run.nacre")) await load(path);
        continue;
      }
      finished += await compared(folder, path, expected);
    }
    const last = await startChild("trainer.js", [path, String(epochs)]);
    must((await last.ended) === 0, "the last life failed");
    finished += await compared(folder, path, expected);
    return `${KILLS} kills in ${finished} trainings of ${epochs} epochs: always a readable file, results equal byte by byte`;
  });

/** Compares a finished training with the uninterrupted one, and clears the folder for another. */
async function compared(folder: string, path: string, expected: Uint8Array): Promise<number> {
  const [result, wanted] = await Promise.all([weightsIn(readFileSync(`${path}.done`)), weightsIn(expected)]);
  must(result.equals(wanted), "the resumed training gave other weights");
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  return 1;
}

async function weightsIn(file: Uint8Array): Promise<Buffer> {
  const { unpackCheckpoint } = await import("../../src/files/checkpoint.js");
  const entries = unpackCheckpoint(file);
  return Buffer.concat([entries["weights.safetensors"]!, entries["optimizer.safetensors"]!]);
}
