import { checkOptions } from "../error.js";
import type { Dataset } from "../data/index.js";
import { runProfile } from "../train/profile.js";
import type { Profile } from "../train/profileReport.js";
import type { FitSubject } from "../train/subject.js";
import { checkWhole } from "./fitChecks.js";
import { type ArraySet, toDataset } from "./fitData.js";

/** Options of `model.profile`. */
export interface ProfileOptions {
  /** Measured steps, at least 1, after a few that are not. Default 10. */
  readonly steps?: number;
  /** Rows in a step. Default: what the dataset's `batch` set, else 32. */
  readonly batchSize?: number;
  /** File for `chrome://tracing` or Perfetto. Default none. */
  readonly trace?: string;
}

/** Measures a model's training steps. */
export async function profileModel(subject: FitSubject, data: Dataset | ArraySet, options: ProfileOptions): Promise<Profile> {
  checkOptions("profile", options, ["steps", "batchSize", "trace"]);
  const whole = toDataset("profile", data, subject.model.inputNames);
  const { steps = 10, batchSize = whole.batchSize, trace } = options;
  checkWhole("steps", steps, "profile");
  checkWhole("batchSize", batchSize, "profile");
  subject.model.initialize();
  const profile = await runProfile(subject, whole, { steps, batchSize });
  if (trace !== undefined) {
    const { writeFileAtomic } = await import("../files/disk.js");
    await writeFileAtomic(trace, new TextEncoder().encode(profile.toTrace()));
  }
  return profile;
}
