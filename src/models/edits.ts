import { NacreError } from "../error.js";
import type { Variable } from "../layers/variable.js";
import type { Field } from "./fields.js";
import { adapt } from "./lora.js";
import type { Network } from "./network.js";

/** What was done to single weights after a model was built, by their paths; nothing where nothing was done. */
export interface EditsEntry {
  readonly frozen?: readonly string[];
  readonly lora?: readonly { readonly weight: string; readonly rank: number; readonly alpha: number }[];
}

export function editsOf(model: Network): EditsEntry {
  const frozen = model.variables.filter((variable) => variable.frozen).map((variable) => model.pathOf(variable));
  const lora = model.variables.flatMap((variable) => {
    const { adapter } = variable;
    return adapter === undefined ? [] : [{ weight: model.pathOf(variable), rank: adapter.b.shape[0]!, alpha: adapter.alpha }];
  });
  return { ...(frozen.length === 0 ? {} : { frozen }), ...(lora.length === 0 ? {} : { lora }) };
}

/** Does to a model that is as it was built what an entry says. @throws BAD_FILE when it is not what {@link EditsEntry} says */
export function applyEdits(model: Network, field: Field): void {
  const lora = field.at("lora").optional((list) => list.list((item) => ({ path: item.at("weight").text(), rank: item.at("rank").whole(1), alpha: item.at("alpha").number() }))) ?? [];
  const frozen = field.at("frozen").optional((list) => list.list((item) => item.text())) ?? [];
  const named = new Map(model.variables.map((variable) => [model.pathOf(variable), variable]));
  for (const { path, rank, alpha } of lora) {
    const variable = found(named, path);
    if (variable.shape.length < 2 || variable.adapter !== undefined) throw broken(`an adapter for ${path}`);
    adapt(variable, rank, alpha);
  }
  const all = new Map(model.variables.map((variable) => [model.pathOf(variable), variable]));
  for (const path of frozen) found(all, path).frozen = true;
}

function found(named: ReadonlyMap<string, Variable>, path: string): Variable {
  const variable = named.get(path);
  if (variable === undefined) throw broken(`weight ${path}, which the model does not have`);
  return variable;
}

function broken(received: string): NacreError {
  return new NacreError({ code: "BAD_FILE", where: ".nacre file", expected: "weights of the model that are frozen or adapted", received, fix: "take another copy of the file" });
}
