import { checkOptions } from "../../error.js";
import { badOption } from "../../options.js";
import type { Callback } from "../callback.js";

/** Options of {@link backupAndRestore}. */
export interface BackupAndRestoreOptions {
  /** The file that training is backed up to. */
  readonly path: string;
  /** After each epoch, or after so many batches of each epoch, at least 1. Default epoch. */
  readonly saveFreq?: "epoch" | number;
  /** Whether the file is removed when training has come to its end. Default true. */
  readonly deleteCheckpoint?: boolean;
}

/**
 * Backs training up, and goes on from the backup when `fit` is called again after an interruption:
 * the same script, started again, ends with the very weights of an uninterrupted run.
 *
 * @throws FILE_ACCESS when the file cannot be written
 * @throws BAD_FILE when the file is not a backup of this model
 * @example
 * await model.fit(train, { epochs: 3, callbacks: [callbacks.backupAndRestore({ path: "out/backup.nacre" })] });
 */
export function backupAndRestore(options: BackupAndRestoreOptions): Callback {
  const where = "backupAndRestore";
  checkOptions(where, options, ["path", "saveFreq", "deleteCheckpoint"]);
  const { path, saveFreq = "epoch", deleteCheckpoint = true } = options;
  if (typeof path !== "string" || path === "") throw badOption(where, "path", "the name of a file", path);
  if (saveFreq !== "epoch" && !(Number.isInteger(saveFreq) && saveFreq >= 1)) {
    throw badOption(where, "saveFreq", '"epoch" or a whole number of at least 1', saveFreq);
  }
  return {
    name: where,
    async restorePoint() {
      const { readIfThere } = await import("../../files/disk.js");
      return readIfThere(path);
    },
    onBatchEnd(batch, _logs, context) {
      if (saveFreq !== "epoch" && (batch + 1) % saveFreq === 0) context.save(path);
    },
    onEpochEnd(_epoch, _logs, context) {
      if (saveFreq === "epoch") context.save(path);
    },
    async onTrainEnd() {
      if (!deleteCheckpoint) return;
      const { removeFile } = await import("../../files/disk.js");
      await removeFile(path);
    },
  };
}
