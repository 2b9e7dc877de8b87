import { callbacks, type Callback, layers, optimizers, sequential, type Model } from "nacre";

/** Weights after a training in one go, and after one that broke off and began again; and what the folder held then. */
export interface BackupResult {
  readonly whole: readonly number[];
  readonly resumed: readonly number[];
  /** Steps that the second start had to do. */
  readonly steps: number;
  readonly files: readonly string[];
  /** Bytes of the event file. */
  readonly events: number;
}

const FOLDER = "backups";

/** Trains with a backup in the site's own file system, breaks off, and trains again. */
export async function resumeFromBackup(): Promise<BackupResult> {
  const whole = network();
  await train(whole, []);
  const crash = callbacks.lambda({ onBatchEnd: (_batch, _logs, { optimizer }) => void (optimizer.step === 7 && fail()) });
  await train(network(), [backup(), crash]).catch(() => undefined);
  const again = network();
  let steps = 0;
  await train(again, [backup(), callbacks.tensorBoard({ logDir: FOLDER }), callbacks.lambda({ onBatchEnd: () => void steps++ })]);
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER);
  const files: string[] = [];
  for await (const name of folder.keys()) files.push(name);
  return { whole: await weightsOf(whole), resumed: await weightsOf(again), steps, files, events: await eventBytes(folder) };
}

function fail(): never {
  throw new Error("the page was closed");
}

function backup(): Callback {
  return callbacks.backupAndRestore({ path: `${FOLDER}/training.nacre`, saveFreq: 2 });
}

function network(): Model {
  return sequential([layers.input([2]), layers.dense({ units: 4, activation: "tanh" }), layers.dense({ units: 1 })], { seed: 1 }).compile({
    optimizer: optimizers.adam({ learningRate: 0.05 }),
    loss: "mse",
  });
}

async function train(model: Model, own: Callback[]): Promise<void> {
  const x = Array.from({ length: 16 }, (_, i) => [Math.sin(i), Math.cos(i)]);
  await model.fit({ x, y: x.map(([a]) => [a!]) }, { epochs: 3, batchSize: 4, verbose: "silent", callbacks: own });
}

async function weightsOf(model: Model): Promise<number[]> {
  const values = await Promise.all(model.variables.map((variable) => variable.read()));
  return values.flatMap((value) => [...(value as Float32Array)]);
}

async function eventBytes(folder: FileSystemDirectoryHandle): Promise<number> {
  const train = await folder.getDirectoryHandle("train");
  let bytes = 0;
  for await (const name of train.keys()) bytes += (await (await train.getFileHandle(name)).getFile()).size;
  return bytes;
}
