import { NacreError } from "../error.js";
import type { Variable } from "../layers/variable.js";
import type { Callback } from "../train/callback.js";
import type { Model } from "./model.js";

/**
 * Takes a model to the checkpoint that a callback knows; tells whether there was one. Where the
 * model's own training is to go on and has come as far, that is left alone.
 */
export async function restoredBy(model: Model, callbacks: readonly Callback[], resume: boolean): Promise<boolean> {
  for (const callback of callbacks) {
    const bytes = await callback.restorePoint?.();
    if (bytes === undefined) continue;
    const { modelFromArchive } = await import("./archive.js");
    const stored = await modelFromArchive(bytes);
    const stepOf = ({ compiled }: Model): number => compiled?.optimizer.step ?? 0;
    if (resume && model.position !== undefined && stepOf(model) >= stepOf(stored)) return false;
    restore(model, stored, callback.name);
    return true;
  }
  return false;
}

/** Gives a model the weights, the optimizer's state and the position of its like. */
function restore(model: Model, stored: Model, where: string): void {
  const kept = (of: Model): readonly Variable[] => [...of.variables, ...of.states];
  const byPath = new Map(kept(stored).map((variable) => [stored.pathOf(variable), variable]));
  const optimizer = model.compiled?.optimizer;
  const past = stored.compiled?.optimizer;
  const fits =
    kept(model).length === byPath.size &&
    kept(model).every((variable) => byPath.get(model.pathOf(variable))?.shape.join() === variable.shape.join()) &&
    optimizer?.optimizer.className === past?.optimizer.className;
  if (!fits || optimizer === undefined || past === undefined) throw otherModel(where);
  for (const variable of kept(model)) {
    const source = byPath.get(model.pathOf(variable))!;
    variable.assign(source.value as ArrayLike<number>);
    const slots = past.slots.get(source);
    if (slots === undefined) continue;
    optimizer.slotsOf(variable).forEach((slot, i) => (slot.value = slots[i]!.value));
  }
  optimizer.step = past.step;
  optimizer.learningRate = past.learningRate;
  model.position = stored.position;
}

function otherModel(where: string): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where,
    expected: "a backup of this model and its optimizer",
    received: "one of another",
    fix: "remove the file, or give this training a file of its own",
  });
}
