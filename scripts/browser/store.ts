import { fromBytes, importOnnx, load, type Model } from "nacre";
import { csv } from "nacre/data";
import { digitsNetwork } from "./digits.js";

/** What became of a model on each way out of the browser. */
export interface StoreResult {
  readonly predictions: readonly number[];
  /** The bytes of the file, as they were downloaded. */
  readonly bytes: readonly number[];
}

const PATH = "models/digits.nacre";
const ONNX_PATH = "models/digits.onnx";

/** Saves a model every way that a page has, and offers it as a download. */
export async function storeModel(): Promise<StoreResult> {
  const model = digitsNetwork();
  const bytes = await model.toBytes();
  await model.save(PATH);
  await model.export(ONNX_PATH);
  download("digits.nacre", bytes);
  return { predictions: await predict(model), bytes: [...bytes] };
}

/** Predictions of what {@link storeModel} left in the site's own file system, and of a file that is chosen in `#file`. */
export async function recallModel(): Promise<Readonly<Record<"saved" | "exported" | "chosen", readonly number[]>>> {
  const input = document.querySelector<HTMLInputElement>("#file")!;
  const chosen = new Uint8Array(await input.files![0]!.arrayBuffer());
  return {
    saved: await predict(await load(PATH)),
    exported: await predict(await importOnnx(ONNX_PATH)),
    chosen: await predict(await fromBytes(chosen)),
  };
}

/** The errors of reading what a page cannot read. */
export async function readMissing(): Promise<Readonly<Record<"model" | "table", { readonly code: string; readonly fix: string }>>> {
  const refused = async (reading: Promise<unknown>): Promise<{ code: string; fix: string }> => {
    const { code, fix } = (await reading.catch((reason: unknown) => reason)) as { code: string; fix: string };
    return { code, fix };
  };
  return { model: await refused(load("models/none.nacre")), table: await refused(csv("file:///data/digits.csv")) };
}

async function predict(model: Model): Promise<number[]> {
  const rows = { data: Float32Array.from({ length: 128 }, (_, i) => (i % 17) / 16), shape: [2, 8, 8, 1] };
  return [...((await (await model.predict(rows)).data()) as Float32Array)];
}

/** As a click on a link would. */
function download(name: string, bytes: Uint8Array): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
