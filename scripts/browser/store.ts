import { fromBytes, load } from "nacre";
import { digitsNetwork } from "./digits.js";

/** What became of a model on each way out of the browser and back. */
export interface StoreResult {
  /** Predictions of the model, of its bytes read back, and of its file in the site's own file system. */
  readonly predictions: readonly (readonly number[])[];
  /** The bytes of the file, as they were downloaded. */
  readonly bytes: readonly number[];
  /** The code and words of the error for a file that is not there. */
  readonly missing: { readonly code: string; readonly fix: string };
}

/** Saves and loads a model every way that a page has, and offers it as a download. */
export async function storeModel(): Promise<StoreResult> {
  const model = digitsNetwork();
  const rows = { data: Float32Array.from({ length: 128 }, (_, i) => (i % 17) / 16), shape: [2, 8, 8, 1] };
  const bytes = await model.toBytes();
  await model.save("models/digits.nacre");
  const models = [model, await fromBytes(bytes), await load("models/digits.nacre")];
  const predictions: number[][] = [];
  for (const each of models) predictions.push([...((await (await each.predict(rows)).data()) as Float32Array)]);
  const error = (await load("models/none.nacre").catch((reason: unknown) => reason)) as { code: string; fix: string };
  download("digits.nacre", bytes);
  return { predictions, bytes: [...bytes], missing: { code: error.code, fix: error.fix } };
}

/** As a click on a link would. */
function download(name: string, bytes: Uint8Array): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
