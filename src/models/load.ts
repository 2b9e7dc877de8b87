import { fromBytes } from "./archive.js";
import type { Model } from "./model.js";

/**
 * Reads a model that `save` wrote: architecture, weights, optimizer, and where training stands.
 *
 * @throws FILE_ACCESS when the file cannot be read
 * @throws BAD_FILE when it is cut short, changed or no such file
 * @throws NEWER_VERSION when a newer Nacre wrote it
 * @example
 * const model = await load("digits.nacre");
 * await model.fit(train, { epochs: 20, resume: true });
 */
export async function load(path: string): Promise<Model> {
  const { readFileBytes } = await import("../files/disk.js");
  return fromBytes(await readFileBytes(path));
}
