import { wrongKind } from "../error.js";
import type { Model } from "./model.js";

/** Options of {@link importOnnx}. */
export interface ImportOnnxOptions {
  /**
   * Which stored tensors training changes: their names, or a function of the name and of what would
   * hold without this option. Default: float32 tensors that are no running statistics, no masks with
   * infinities, and no options of operators.
   */
  readonly trainable?: readonly string[] | ((name: string, otherwise: boolean) => boolean);
  /** The name of the model. */
  readonly name?: string;
  /** Shapes of one sample by input, for axes that the file leaves free beside the batch. Default: they stay free. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /** With bytes instead of a path: the files beside the model that hold weights, by the names it calls them. */
  readonly externalData?: Readonly<Record<string, Uint8Array>>;
}

/**
 * The model in an ONNX file, or in the bytes of one: a graph whose stored float32 tensors are
 * variables of their names. It predicts, trains, saves and exports as any model does.
 *
 * @throws FILE_ACCESS when the file cannot be read
 * @throws BAD_FILE when it is cut short, damaged or no ONNX model
 * @throws UNSUPPORTED when it holds what is not built here, naming the node
 * @example
 * const model = await importOnnx(await sequential([layers.input([4]), layers.dense({ units: 2 })]).toOnnx());
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 */
export async function importOnnx(source: string | Uint8Array, options: ImportOnnxOptions = {}): Promise<Model> {
  if (typeof source !== "string" && !ArrayBuffer.isView(source)) throw wrongKind("importOnnx", "a path, or the bytes of a file", source);
  const { importOnnxBytes, importOnnxFile } = await import("./interop/onnxImport.js");
  return typeof source === "string" ? importOnnxFile(source, options) : importOnnxBytes(source, options);
}
