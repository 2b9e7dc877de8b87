import { NacreError, checkOptions } from "../../error.js";
import { type ModelProto, type TensorProto, encodeModel } from "../../onnx/proto.js";
import { badOption } from "../../options.js";
import type { FileOptions } from "./options.js";

/** What a message of protocol buffers, and so a file of ONNX, may have, with room for the graph itself. */
const MAX_BYTES = 2 ** 31 - 2 ** 24;

/** From how many bytes of weights on they go to a file of their own. */
const THRESHOLD_BYTES = 1e9;

/** Smaller tensors stay in the file: readers look at them for shapes. */
const MIN_EXTERNAL_BYTES = 1024;

/** Where tensors begin in their file: pages, so that they can be mapped. */
const ALIGNMENT = 4096;

/**
 * The bytes of one file that holds all.
 *
 * @throws UNSUPPORTED when that is more than 2 GB
 */
export function protoBytes(where: string, model: ModelProto): Uint8Array {
  const bytes = weightBytes(model);
  if (bytes <= MAX_BYTES) return encodeModel(model);
  throw new NacreError({
    code: "UNSUPPORTED",
    where,
    expected: "at most 2 GB, more than which no ONNX file holds",
    received: `${(bytes / 1e9).toFixed(1)} GB of weights`,
    fix: "model.export(path) puts them into a file beside it",
  });
}

/** Writes a model, and its weights beside it where they are large or the options ask for it. */
export async function writeProto(where: string, path: string, model: ModelProto, { externalData }: FileOptions): Promise<void> {
  const { writeFileAtomic } = await import("../../files/disk.js");
  if (weightBytes(model) <= thresholdOf(where, externalData)) return writeFileAtomic(path, protoBytes(where, model));
  const { rest, parts } = externalized(model, `${path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1)}.data`);
  // The weights first: a file that names them is never there without them.
  if (parts.length > 0) await writeFileAtomic(`${path}.data`, parts);
  await writeFileAtomic(path, encodeModel(rest));
}

function weightBytes({ graph }: ModelProto): number {
  return graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
}

function thresholdOf(where: string, option: FileOptions["externalData"]): number {
  if (option === undefined) return THRESHOLD_BYTES;
  if (typeof option === "boolean") return option ? -1 : Infinity;
  checkOptions(`${where}, option externalData`, option, ["thresholdBytes"]);
  const { thresholdBytes } = option;
  if (!(thresholdBytes >= 0)) throw badOption(where, "externalData", "a boolean, or { thresholdBytes } of at least 0", option);
  return thresholdBytes;
}

/** The model without its large tensors, and the pieces of the file that holds them. */
function externalized(model: ModelProto, location: string): { rest: ModelProto; parts: readonly Uint8Array[] } {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const initializers = model.graph.initializers.map((tensor): TensorProto => {
    const { data } = tensor;
    if (data.byteLength < MIN_EXTERNAL_BYTES) return tensor;
    const gap = (ALIGNMENT - (offset % ALIGNMENT)) % ALIGNMENT;
    if (gap > 0) parts.push(new Uint8Array(gap));
    parts.push(data);
    const external = { location, offset: offset + gap, length: data.byteLength, element: tensor.element ?? 0 };
    offset += gap + data.byteLength;
    return { ...tensor, data: new Uint8Array(0), external };
  });
  return { rest: { ...model, graph: { ...model.graph, initializers } }, parts };
}
